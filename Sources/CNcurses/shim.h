// ncursesw as Swift can see it. Wide characters must be asked for in the header itself: no -D flag reaches a
// system module.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef lines
#undef columns

// Globals are shared mutable state to Swift, and macros with casts are not imported: hence functions.
static inline int weir_colors(void) { return COLORS; }
static inline int weir_color_pairs(void) { return COLOR_PAIRS; }
static inline attr_t weir_bold(void) { return A_BOLD; }
static inline attr_t weir_dim(void) { return A_DIM; }
static inline attr_t weir_underline(void) { return A_UNDERLINE; }
static inline attr_t weir_reverse(void) { return A_REVERSE; }
static inline int weir_key_function(int number) { return KEY_F(number); }
// Not in the Glibc module's default view.
extern int wcwidth(wchar_t);
static inline int weir_wcwidth(wchar_t scalar) { return wcwidth(scalar); }
// A capability that is a string, or NULL; tigetstr gives -1 for one that is not a string.
static inline const char *weir_capability(const char *name) {
  char *text = tigetstr((NCURSES_CONST char *)name);
  return text == (char *)-1 ? NULL : text;
}
static inline int weir_flag(const char *name) { return tigetflag((NCURSES_CONST char *)name) == 1; }
