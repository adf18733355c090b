// What a YAML text says, one event after the other. The one place that knows libyaml.
//
// Thread rule: one thread; what it has read may be used by any. Lifetime: texts and anchors of events live as long as
// the memory it was given; the text it reads outlives it.
#pragma once

#include <yaml.h>

#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

struct YamlEvent {
  enum class Type : unsigned char { kDocument, kAlias, kNull, kText, kList, kMap, kEndOfList, kEndOfMap };
  Type type = Type::kNull;
  bool is_quoted = false;   // kText
  int line = 0;             // 1-based
  std::string_view text;    // kText
  std::string_view anchor;  // of kAlias: the one it names; empty: none
};

class YamlEvents {
 public:
  YamlEvents(std::string_view yaml, std::pmr::memory_resource& memory);
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;
  ~YamlEvents();

  // The next ones, not more than `most`. Empty: there are no more, or mistake() says why.
  std::vector<YamlEvent> read(std::size_t most);

  struct Mistake {
    int line = 0;
    std::string message;  // empty: there is none
  };
  Mistake mistake() const;

 private:
  void add(const yaml_event_t& event, std::vector<YamlEvent>& events);
  std::string_view keep(const unsigned char* text, std::size_t size);
  std::string_view keep(const unsigned char* text);  // which ends in a zero, or is null

  std::string_view yaml_;
  std::pmr::memory_resource& memory_;
  yaml_parser_t parser_{};
  bool is_made_;
  bool is_over_ = false;
};

}  // namespace sluice::app
