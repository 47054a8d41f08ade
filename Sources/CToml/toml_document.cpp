#define TOML_EXCEPTIONS 0
// toml++ asserts (and, with NDEBUG, assumes) that a table header begins with a key before it looks; what it
// does when there is none, as in `[{`, is right: it says so. A file must not end the program.
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "toml_document.h"

namespace {

struct Visitor {
  void *context;
  weir_toml_leaf leaf;

  void walk(const toml::node &node, const std::string &path) const {
    if (const auto *table = node.as_table()) {
      // toml++ sorts by key; the document's order is what a person expects of messages.
      std::vector<std::pair<std::string, const toml::node *>> members;
      for (auto &&[key, value] : *table) members.emplace_back(std::string(key.str()), &value);
      std::stable_sort(members.begin(), members.end(), [](const auto &a, const auto &b) {
        return a.second->source().begin.line < b.second->source().begin.line;
      });
      for (const auto &[key, value] : members) walk(*value, path.empty() ? key : path + '\x1F' + key);
    } else if (const auto *array = node.as_array()) {
      for (auto &&element : *array) walk(element, path);
    } else {
      emit(node, path);
    }
  }

  void emit(const toml::node &node, const std::string &path) const {
    int kind = WEIR_TOML_OTHER;
    std::string text;
    if (const auto *value = node.as_string()) {
      kind = WEIR_TOML_TEXT, text = value->get();
    } else if (const auto *value = node.as_integer()) {
      kind = WEIR_TOML_INTEGER, text = std::to_string(value->get());
    } else if (const auto *value = node.as_floating_point()) {
      kind = WEIR_TOML_REAL, text = std::to_string(value->get());
    } else if (const auto *value = node.as_boolean()) {
      kind = WEIR_TOML_FLAG, text = value->get() ? "true" : "false";
    }
    const auto begin = node.source().begin;
    leaf(context, path.c_str(), kind, text.c_str(), int(begin.line), int(begin.column));
  }
};

}  // namespace

extern "C" int weir_toml_read(const char *text, size_t count, void *context, weir_toml_leaf leaf,
                              char *message, size_t message_size, int *line, int *column) {
  const auto result = toml::parse(std::string_view(text, count));
  if (!result) {
    const auto &error = result.error();
    const auto description = error.description();
    if (message_size > 0) {
      const size_t n = std::min(message_size - 1, description.size());
      std::memcpy(message, description.data(), n);
      message[n] = 0;
    }
    *line = int(error.source().begin.line);
    *column = int(error.source().begin.column);
    return -1;
  }
  Visitor{context, leaf}.walk(result.table(), "");
  return 0;
}
