// ncursesw as Swift can see it. Wide characters must be asked for in the header itself: no -D flag reaches a
// system module.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef lines
#undef columns
static inline int weir_colors(void) { return COLORS; }
static inline int weir_color_pairs(void) { return COLOR_PAIRS; }
