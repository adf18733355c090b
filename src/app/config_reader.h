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
    read_section(section, root, owner, Spot{.line = root.line});
  }
  // The same for an item alone, before there is a root. Lists of which items were read are left out of what follows.
  void read_early(const Section& section, const TopItem& item, void* owner);
  // Of all texts with references that were read.
  const ResolvedTexts& resolved() const { return resolved_; }

 private:
  // Where the reader is: a key or an item of what is around it. It becomes text only for a problem; there are a hundred
  // thousand values without one.
  struct Spot {
    const Spot* around = nullptr;  // null: this is the whole file
    std::string_view key{};        // empty: an item, or the whole file
    std::size_t index = 0;
    bool is_item = false;
    int line = 0;

    Spot at_key(std::string_view name, int at_line) const { return {.around = this, .key = name, .line = at_line}; }
    Spot at_item(std::size_t position, int at_line) const {
      return {.around = this, .index = position, .is_item = true, .line = at_line};
    }
    Place place() const;
  };
  // A scalar with its variables replaced.
  struct Value {
    std::string text;
    std::string_view written;  // in the file
    bool has_variables = false;

    std::string shown() const;  // as it may stand in a message
  };

  void read_section(const Section& section, const Node& node, void* owner, const Spot& spot);
  void read_fields(const Section& section, const Node& node, void* owner, const Spot& spot);
  void read_field(const Field& field, const Node& node, void* owner, const Spot& spot);
  void read_named(const Field& field, const Node& node, void* owner, const Spot& spot);
  void read_list(const Field& field, const Node& node, void* owner, const Spot& spot);
  void read_item(const Field& field, std::size_t index, const Node& item, void* owner, const Spot& spot);
  void read_texts(const Field& field, const Node& node, void* owner, const Spot& spot);
  void read_text_map(const Field& field, const Node& node, void* owner, const Spot& spot);
  void read_scalar(const Field& field, const Node& node, void* owner, const Spot& spot);
  void read_secret(Secret& target, Value& value, const Spot& spot);
  void read_number(const Field& field, const Value& value, void* owner, const Spot& spot);
  void read_money(const Field& field, const Node& node, const Value& value, void* owner, const Spot& spot);
  void read_choice(const Field& field, const Value& value, void* owner, const Spot& spot);
  void read_address(const Value& value, Address& target, const Spot& spot);
  void read_url(const Value& value, std::string& target, const Spot& spot);
  void read_proxy(Secret& target, const Value& value, const Spot& spot);
  void tell_unknown(const Section& section, std::string_view key, const Spot& spot);
  void expected(std::string_view what, const Value& value, const Spot& spot);
  void expected(std::string_view what, const Node& node, const Spot& spot);
  std::optional<Value> scalar(const Node& node, const Spot& spot);

  void tell(const Spot& spot, std::string message) { problems_.add(spot.place(), std::move(message)); }

  const Environment& environment_;
  const SecretSource& secrets_;
  FileWatches& files_;
  Problems& problems_;
  std::vector<std::pair<const Field*, const Node*>> early_;  // lists whose items were read
  ResolvedTexts resolved_;
};

}  // namespace sluice::app
