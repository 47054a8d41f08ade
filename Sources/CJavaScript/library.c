#define _GNU_SOURCE
#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include "javascript.h"

static struct library loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  static const char *const names[] = {
      "libjavascriptcoregtk-4.1.so.0", "libjavascriptcoregtk-6.0.so.1", "libjavascriptcoregtk-4.0.so.18"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!handle) continue;
    int missing = 0;
#define FIND(result, name, arguments) missing |= !(*(void **)&loaded.name = dlsym(handle, #name));
    WEIR_JS_FUNCTIONS(FIND)
#undef FIND
    if (!missing) {
      *(void **)&loaded.collect = dlsym(handle, "JSSynchronousGarbageCollectForDebugging");
      if (!loaded.collect) loaded.collect = loaded.JSGarbageCollect;
      loaded.name = names[i];
      return;
    }
    dlclose(handle);
  }
}

const struct library *weir_js_library(void) {
  pthread_once(&once, load);
  return &loaded;
}

const char *weir_javascript_library(void) { return weir_js_library()->name; }
