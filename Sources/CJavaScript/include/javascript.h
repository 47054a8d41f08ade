// JavaScriptCore, loaded with dlopen when the first JavaScript fold is used.
#ifndef WEIR_JAVASCRIPT_H
#define WEIR_JAVASCRIPT_H

/// The library's name once loaded, or NULL when none of the known names is on this machine.
const char *weir_javascript_library(void);

#endif
