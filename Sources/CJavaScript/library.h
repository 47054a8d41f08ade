// The functions of JavaScriptCore's C API that are used, as pointers found with dlsym. Declared here and not
// included: the headers come with a 100 MB development package, the API is frozen since 2008.
#ifndef WEIR_JAVASCRIPT_LIBRARY_H
#define WEIR_JAVASCRIPT_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef const struct OpaqueJSContextGroup *JSContextGroupRef;
typedef const struct OpaqueJSContext *JSContextRef;
typedef struct OpaqueJSContext *JSGlobalContextRef;
typedef struct OpaqueJSString *JSStringRef;
typedef const struct OpaqueJSValue *JSValueRef;
typedef struct OpaqueJSValue *JSObjectRef;
typedef bool (*StopCallback)(JSContextRef, void *);

enum { TYPED_ARRAY_INT32 = 2 };

#define WEIR_JS_FUNCTIONS(_) \
  _(JSContextGroupRef, JSContextGroupCreate, (void)) \
  _(void, JSContextGroupRelease, (JSContextGroupRef)) \
  _(void, JSContextGroupSetExecutionTimeLimit, (JSContextGroupRef, double, StopCallback, void *)) \
  _(void, JSContextGroupClearExecutionTimeLimit, (JSContextGroupRef)) \
  _(JSGlobalContextRef, JSGlobalContextCreateInGroup, (JSContextGroupRef, void *)) \
  _(void, JSGlobalContextRelease, (JSGlobalContextRef)) \
  _(void, JSGlobalContextSetEvalEnabled, (JSGlobalContextRef, bool, JSStringRef)) \
  _(JSObjectRef, JSContextGetGlobalObject, (JSContextRef)) \
  _(void, JSGarbageCollect, (JSContextRef)) \
  _(JSValueRef, JSEvaluateScript, (JSContextRef, JSStringRef, JSObjectRef, JSStringRef, int, JSValueRef *)) \
  _(JSValueRef, JSObjectCallAsFunction, (JSContextRef, JSObjectRef, JSObjectRef, size_t, const JSValueRef[], JSValueRef *)) \
  _(JSValueRef, JSObjectGetProperty, (JSContextRef, JSObjectRef, JSStringRef, JSValueRef *)) \
  _(JSObjectRef, JSObjectMakeTypedArrayWithBytesNoCopy, \
    (JSContextRef, int, void *, size_t, void (*)(void *, void *), void *, JSValueRef *)) \
  _(JSObjectRef, JSValueToObject, (JSContextRef, JSValueRef, JSValueRef *)) \
  _(JSStringRef, JSValueToStringCopy, (JSContextRef, JSValueRef, JSValueRef *)) \
  _(JSValueRef, JSValueMakeString, (JSContextRef, JSStringRef)) \
  _(bool, JSValueIsObject, (JSContextRef, JSValueRef)) \
  _(void, JSValueProtect, (JSContextRef, JSValueRef)) \
  _(void, JSValueUnprotect, (JSContextRef, JSValueRef)) \
  _(JSStringRef, JSStringCreateWithUTF8CString, (const char *)) \
  _(JSStringRef, JSStringCreateWithCharacters, (const uint16_t *, size_t)) \
  _(void, JSStringRelease, (JSStringRef)) \
  _(size_t, JSStringGetMaximumUTF8CStringSize, (JSStringRef)) \
  _(size_t, JSStringGetUTF8CString, (JSStringRef, char *, size_t))

struct library {
  const char *name;
#define FIELD(result, name, arguments) result(*name) arguments;
  WEIR_JS_FUNCTIONS(FIELD)
#undef FIELD
  // Collects at once where the library has it; JSGarbageCollect only asks for it.
  void (*collect)(JSContextRef);
};

/// Loaded once, by the first caller; its `name` is NULL when there is no library.
const struct library *weir_js_library(void);

/// A descriptor of /proc/self/statm, opened by the first caller and kept.
int weir_js_statm(void);

#endif
