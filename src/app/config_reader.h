// Fills a Config from a tree by the tables of config_schema.h and tells each key and value that does not fit them.
//
// Thread rule: one thread. Lifetime: what it is given outlives it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/config_env.h"
#include "app/config_problems.h"
#include "app/config_schema.h"
#include "app/config_tree.h"

namespace sluice::app {

class Reader {
 public:
  // `files` are given those that values are read from.
  Reader(const Environment& environment, const SecretSource& secrets, FileWatches& files, Problems& problems)
      : environment_(environment), secrets_(secrets), files_(files), problems_(problems) {}

  // `owner` is the struct the section fills.
  void read_section(const Section& section, const Node& node, void* owner, const Place& place);

 private:
  // A scalar with its variables replaced; `shown` may stand in a message.
  struct Value {
    std::string text;
    std::string shown;
  };

  void read_fields(const Section& section, const Node& node, void* owner, const Place& place);
  void read_field(const Field& field, const Node& node, void* owner, const Place& place);
  void read_named(const Field& field, const Node& node, void* owner, const Place& place);
  void read_list(const Field& field, const Node& node, void* owner, const Place& place);
  void read_texts(const Field& field, const Node& node, void* owner, const Place& place);
  void read_text_map(const Field& field, const Node& node, void* owner, const Place& place);
  void read_scalar(const Field& field, const Node& node, void* owner, const Place& place);
  void read_secret(Secret& target, const Value& value, const Place& place);
  void read_number(const Field& field, const Value& value, void* owner, const Place& place);
  void read_money(const Field& field, const Node& node, const Value& value, void* owner, const Place& place);
  void read_choice(const Field& field, const Value& value, void* owner, const Place& place);
  void read_address(const Value& value, Address& target, const Place& place);
  void read_url(const Value& value, std::string& target, const Place& place);
  void read_proxy(Secret& target, const Value& value, const Place& place);
  void tell_unknown(const Section& section, std::string_view key, const Place& place);
  void expected(std::string_view what, const Value& value, const Place& place);
  void expected(std::string_view what, const Node& node, const Place& place);
  std::optional<Value> scalar(const Node& node, const Place& place);

  const Environment& environment_;
  const SecretSource& secrets_;
  FileWatches& files_;
  Problems& problems_;
};

}  // namespace sluice::app
