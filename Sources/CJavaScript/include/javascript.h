// JavaScriptCore behind a dozen plain functions. The library is loaded with dlopen when the first JavaScript
// fold is used, so a machine without it lacks nothing but those folds.
//
// A context belongs to one thread at a time. Every call into it is watched: a callback every ten
// milliseconds of CPU time compares the resident memory and the time that the event under way has taken
// with their limits, and stops the script where one is passed.
#ifndef WEIR_JAVASCRIPT_H
#define WEIR_JAVASCRIPT_H

#include <stddef.h>
#include <stdint.h>

typedef struct weir_js weir_js;

enum {
  WEIR_JS_OK = 0,      // text: what the function returned
  WEIR_JS_THREW = 1,   // text: JSON that the driver's `describe` made of the exception
  WEIR_JS_SLOW = 2,    // stopped: one event took too long
  WEIR_JS_MEMORY = 3,  // stopped: too much memory is resident
  WEIR_JS_BROKEN = 4   // the engine refused to do what it always can
};

typedef struct {
  int status;
  char *text;  // UTF-8, with a zero after it; NULL when there is none. Free with weir_js_free.
  size_t length;
} weir_js_result;

/// The library's name once loaded, or NULL when none of the known names is on this machine.
const char *weir_javascript_library(void);

/// A context in which eval and the Function constructor are off. NULL when the library is missing.
/// `memory_limit`: resident bytes of the whole process, 0 for none.
weir_js *weir_js_open(uint64_t memory_limit);
void weir_js_close(weir_js *js);

/// Evaluates `source`, an expression whose value is a function, and calls it with the global object and two
/// Int32Arrays over the given memory, which must outlive the context. The object it returns is the driver.
/// `progress[0]` is the event under way, written by the driver, watched by the time limit.
weir_js_result weir_js_boot(weir_js *js, const char *source, size_t length, int32_t *columns, size_t count,
                            int32_t *progress);

/// Evaluates a script at the top level. `limit_ms` of CPU time for the whole of it.
weir_js_result weir_js_evaluate(weir_js *js, const char *source, size_t length, const char *url,
                                uint32_t limit_ms);

/// Calls the driver's function `name` with one text. `limit_ms` of CPU time for every event, or for the call
/// where it does not move `progress`.
weir_js_result weir_js_call(weir_js *js, const char *name, const char *text, size_t length, uint32_t limit_ms);

/// Collects garbage when more than `budget` bytes are resident.
void weir_js_tidy(weir_js *js, uint64_t budget);

void weir_js_free(weir_js_result result);

/// Length of valid UTF-8 in UTF-16 units, which is how JavaScript counts.
size_t weir_js_utf16_length(const uint8_t *bytes, size_t count);

/// 1 when a JSON text has a number of more than 15 digits, or with an exponent: one that a double may not
/// hold.
int weir_js_has_long_number(const uint8_t *bytes, size_t count);

// What the worker needs and Swift cannot import.

/// Takes away what a fold has no use for, as far as the kernel offers it: new privileges, core files, new
/// descriptors, file writes, and (Landlock) every file and every TCP connection. Returns what was applied:
/// bit 0 no new privileges, 1 limits, 2 Landlock. To be called after the library is loaded and before a
/// context exists, so that the engine's own threads are under it too.
int weir_js_confine(void);

// Closes every descriptor from `first` on.
void weir_js_close_from(int first);

/// An anonymous file of `size` bytes to share memory with a child, close-on-exec; -1 when there is none.
int weir_js_shared_memory(size_t size);

#endif
