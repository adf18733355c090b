// Fills a Config from a tree by the tables of config_schema.h and tells each key and value that does not fit them.
//
// Thread rule: one thread. Lifetime: what it is given outlives it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config_env.h"
#include "app/config_parts.h"
#include "app/config_problems.h"
#include "app/config_schema.h"
#include "app/config_tree.h"

namespace sluice::app {

class Reader {
 public:
  // `files` are given those that values are read from.
  Reader(const Environment& environment, const SecretSource& secrets, FileWatches& files, Problems& problems)
      : environment_(environment), secrets_(secrets), files_(files), problems_(problems) {}

  // `root` outlives the problems. `owner` is the struct the section fills.
  void read(const Section& section, const Node& root, void* owner) {
    read_section(section, root, owner, Place{.line = root.line});
  }
  // The same for an item alone, before there is a root. Lists of which items were read are left out of what follows.
  void read_early(const Section& section, const TopItem& item, void* owner);
  // Of all texts with references that were read.
  const ResolvedTexts& resolved() const { return resolved_; }

 private:
  // A scalar with its variables replaced.
  struct Value {
    std::string text;
    std::string_view written;  // in the file
    bool has_variables = false;

    std::string shown() const;  // as it may stand in a message
  };

  void read_section(const Section& section, const Node& node, void* owner, const Place& place);
  void read_fields(const Section& section, const Node& node, void* owner, const Place& place);
  void read_field(const Field& field, const Node& node, void* owner, const Place& place);
  void read_named(const Field& field, const Node& node, void* owner, const Place& place);
  void read_list(const Field& field, const Node& node, void* owner, const Place& place);
  void read_item(const Field& field, std::size_t index, const Node& item, void* owner, const Place& place);
  void read_texts(const Field& field, const Node& node, void* owner, const Place& place);
  void read_text_map(const Field& field, const Node& node, void* owner, const Place& place);
  void read_scalar(const Field& field, const Node& node, void* owner, const Place& place);
  void read_secret(Secret& target, Value& value, const Place& place);
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

  void tell(const Place& place, std::string message) { problems_.add(place, std::move(message)); }

  const Environment& environment_;
  const SecretSource& secrets_;
  FileWatches& files_;
  Problems& problems_;
  std::vector<std::pair<const Field*, const Node*>> early_;  // lists whose items were read
  ResolvedTexts resolved_;
};

}  // namespace sluice::app
