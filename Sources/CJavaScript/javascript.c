#define _GNU_SOURCE
#include "javascript.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "library.h"

struct weir_js {
  const struct library *lib;
  JSContextGroupRef group;
  JSGlobalContextRef context;
  JSObjectRef driver;
  int32_t *progress;
  uint64_t memory_limit;
  int statm;  // /proc/self/statm
  // The watch over the call under way.
  uint64_t limit_ns;
  uint64_t since_ns;
  int32_t seen;
  int stopped;
};

static const double tick = 0.010;

static uint64_t cpu_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// One descriptor for the life of the process: a confined one cannot open it later.
int weir_js_statm(void) {
  static int descriptor = -1;
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  if (descriptor < 0) descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  pthread_mutex_unlock(&lock);
  return descriptor;
}

static uint64_t resident(const weir_js *js) {
  char text[128];
  ssize_t length = js->statm < 0 ? -1 : pread(js->statm, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = 0;
  unsigned long long total = 0, pages = 0;
  if (sscanf(text, "%llu %llu", &total, &pages) != 2) return 0;
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

// Called every tick of CPU time while a script runs; true stops it where nothing of its own can catch it.
static bool watch(JSContextRef context, void *pointer) {
  (void)context;
  weir_js *js = pointer;
  uint64_t now = cpu_now();
  int32_t at = js->progress ? __atomic_load_n(&js->progress[0], __ATOMIC_RELAXED) : -1;
  if (at != js->seen) {
    js->seen = at;
    js->since_ns = now;
  }
  if (js->memory_limit && resident(js) > js->memory_limit) {
    js->stopped = WEIR_JS_MEMORY;
    return true;
  }
  if (now - js->since_ns > js->limit_ns) {
    js->stopped = WEIR_JS_SLOW;
    return true;
  }
  // A callback that returns false is not called again unless it asks to be.
  js->lib->JSContextGroupSetExecutionTimeLimit(js->group, tick, watch, js);
  return false;
}

static void arm(weir_js *js, uint32_t limit_ms) {
  js->stopped = 0;
  js->limit_ns = (uint64_t)limit_ms * 1000000u;
  js->since_ns = cpu_now();
  js->seen = js->progress ? js->progress[0] : -1;
  js->lib->JSContextGroupSetExecutionTimeLimit(js->group, tick, watch, js);
}

// UTF-8 to UTF-16 for the one case that the library's own conversion cannot take: a zero inside. The text is
// valid UTF-8, Swift made it.
static JSStringRef with_zeros(const struct library *lib, const unsigned char *text, size_t length) {
  uint16_t *units = malloc((length + 1) * sizeof *units);
  if (!units) return NULL;
  size_t n = 0;
  for (size_t i = 0; i < length;) {
    unsigned char lead = text[i];
    size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size > length - i) size = 1;
    uint32_t code = size == 1 ? lead : lead & (0xFFu >> (size + 1));
    for (size_t k = 1; k < size; k++) code = code << 6 | (text[i + k] & 0x3F);
    i += size;
    if (code < 0x10000) {
      units[n++] = (uint16_t)code;
    } else {
      units[n++] = (uint16_t)(0xD800 + ((code - 0x10000) >> 10));
      units[n++] = (uint16_t)(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
  }
  JSStringRef string = lib->JSStringCreateWithCharacters(units, n);
  free(units);
  return string;
}

// `text` has a zero after its last byte.
static JSStringRef make(const weir_js *js, const char *text, size_t length) {
  if (memchr(text, 0, length)) return with_zeros(js->lib, (const unsigned char *)text, length);
  return js->lib->JSStringCreateWithUTF8CString(text);
}

static weir_js_result plain(int status) { return (weir_js_result){.status = status}; }

static weir_js_result text_of(weir_js *js, JSValueRef value, int status) {
  JSValueRef thrown = NULL;
  JSStringRef string = js->lib->JSValueToStringCopy(js->context, value, &thrown);
  if (!string) return plain(js->stopped ? js->stopped : WEIR_JS_BROKEN);
  size_t size = js->lib->JSStringGetMaximumUTF8CStringSize(string);
  weir_js_result result = {.status = status, .text = malloc(size)};
  if (result.text) {
    size_t written = js->lib->JSStringGetUTF8CString(string, result.text, size);
    result.length = written ? written - 1 : 0;
  } else {
    result.status = WEIR_JS_BROKEN;
  }
  js->lib->JSStringRelease(string);
  return result;
}

static JSObjectRef member(weir_js *js, const char *name) {
  JSStringRef string = js->lib->JSStringCreateWithUTF8CString(name);
  JSValueRef value = js->lib->JSObjectGetProperty(js->context, js->driver, string, NULL);
  js->lib->JSStringRelease(string);
  if (!value || !js->lib->JSValueIsObject(js->context, value)) return NULL;
  return js->lib->JSValueToObject(js->context, value, NULL);
}

// What an exception says, as the driver describes it.
static weir_js_result thrown(weir_js *js, JSValueRef exception) {
  if (js->stopped) return plain(js->stopped);
  JSObjectRef describe = js->driver ? member(js, "describe") : NULL;
  if (!describe) return exception ? text_of(js, exception, WEIR_JS_BROKEN) : plain(WEIR_JS_BROKEN);
  JSValueRef arguments[1] = {exception};
  JSValueRef again = NULL;
  JSValueRef value =
      js->lib->JSObjectCallAsFunction(js->context, describe, js->driver, 1, arguments, &again);
  return value ? text_of(js, value, WEIR_JS_THREW) : plain(js->stopped ? js->stopped : WEIR_JS_BROKEN);
}

weir_js *weir_js_open(uint64_t memory_limit) {
  const struct library *lib = weir_js_library();
  if (!lib->name) return NULL;
  weir_js *js = calloc(1, sizeof *js);
  if (!js) return NULL;
  js->lib = lib;
  js->memory_limit = memory_limit;
  js->statm = weir_js_statm();
  js->group = lib->JSContextGroupCreate();
  js->context = js->group ? lib->JSGlobalContextCreateInGroup(js->group, NULL) : NULL;
  if (!js->context) {
    weir_js_close(js);
    return NULL;
  }
  JSStringRef why = lib->JSStringCreateWithUTF8CString("a fold cannot make code from text");
  lib->JSGlobalContextSetEvalEnabled(js->context, false, why);
  lib->JSStringRelease(why);
  return js;
}

void weir_js_close(weir_js *js) {
  if (!js) return;
  if (js->driver) js->lib->JSValueUnprotect(js->context, js->driver);
  if (js->context) js->lib->JSGlobalContextRelease(js->context);
  if (js->group) js->lib->JSContextGroupRelease(js->group);
  free(js);
}

static JSValueRef array(weir_js *js, int32_t *words, size_t count) {
  return js->lib->JSObjectMakeTypedArrayWithBytesNoCopy(js->context, TYPED_ARRAY_INT32, words,
                                                        count * sizeof *words, NULL, NULL, NULL);
}

weir_js_result weir_js_boot(weir_js *js, const char *source, size_t length, int32_t *columns, size_t count,
                            int32_t *progress) {
  const struct library *lib = js->lib;
  JSValueRef exception = NULL;
  JSStringRef script = make(js, source, length);
  JSStringRef url = lib->JSStringCreateWithUTF8CString("weir:driver");
  JSValueRef value = lib->JSEvaluateScript(js->context, script, NULL, url, 1, &exception);
  lib->JSStringRelease(script);
  lib->JSStringRelease(url);
  if (!value) return thrown(js, exception);
  JSObjectRef function = lib->JSValueToObject(js->context, value, &exception);
  JSValueRef arguments[3] = {lib->JSContextGetGlobalObject(js->context), array(js, columns, count),
                             array(js, progress, 1)};
  if (!function || !arguments[1] || !arguments[2]) return plain(WEIR_JS_BROKEN);
  value = lib->JSObjectCallAsFunction(js->context, function, NULL, 3, arguments, &exception);
  JSObjectRef driver = value ? lib->JSValueToObject(js->context, value, &exception) : NULL;
  if (!driver) return thrown(js, exception);
  lib->JSValueProtect(js->context, driver);
  js->driver = driver;
  js->progress = progress;
  return plain(WEIR_JS_OK);
}

weir_js_result weir_js_evaluate(weir_js *js, const char *source, size_t length, const char *url,
                                uint32_t limit_ms) {
  JSValueRef exception = NULL;
  JSStringRef script = make(js, source, length);
  JSStringRef name = make(js, url, strlen(url));
  arm(js, limit_ms);
  JSValueRef value = js->lib->JSEvaluateScript(js->context, script, NULL, name, 1, &exception);
  js->lib->JSStringRelease(script);
  js->lib->JSStringRelease(name);
  weir_js_result result = value ? plain(WEIR_JS_OK) : thrown(js, exception);
  js->lib->JSContextGroupClearExecutionTimeLimit(js->group);
  return result;
}

weir_js_result weir_js_call(weir_js *js, const char *name, const char *text, size_t length, uint32_t limit_ms) {
  JSObjectRef function = js->driver ? member(js, name) : NULL;
  if (!function) return plain(WEIR_JS_BROKEN);
  JSStringRef string = make(js, text, length);
  if (!string) return plain(WEIR_JS_MEMORY);
  JSValueRef exception = NULL;
  JSValueRef arguments[1] = {js->lib->JSValueMakeString(js->context, string)};
  js->lib->JSStringRelease(string);
  arm(js, limit_ms);
  JSValueRef value =
      js->lib->JSObjectCallAsFunction(js->context, function, js->driver, 1, arguments, &exception);
  weir_js_result result = value ? text_of(js, value, WEIR_JS_OK) : thrown(js, exception);
  js->lib->JSContextGroupClearExecutionTimeLimit(js->group);
  return result;
}

void weir_js_tidy(weir_js *js, uint64_t budget) {
  if (resident(js) > budget) js->lib->collect(js->context);
}

void weir_js_free(weir_js_result result) { free(result.text); }
