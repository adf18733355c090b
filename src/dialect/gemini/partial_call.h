// Arguments of a function call that come in pieces, each with the path of the value it belongs to.
//
// Source: Vertex AI, FunctionCall.partialArgs: {"jsonPath": "$.place.city", "stringValue": "Os", "willContinue": true}.
// Thread rule: one thread. Lifetime: owns its texts.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/escaped.h"

namespace sluice::dialect::gemini {

class PartialArguments {
 public:
  explicit PartialArguments(std::size_t max_bytes) : left_(max_bytes) {}

  // Adds a text to the string at a path (JSON, escapes as they came), or a value. False: the path makes no sense, or it
  // is more than max_bytes in all.
  bool add_text(json::Escaped path, json::Escaped text);
  bool add_value(json::Escaped path, std::string_view value);

  // The object so far; unfinished ones lack their last brace, so that nobody takes them for the whole.
  std::string finished() const;
  std::string unfinished() const;

 private:
  struct Node {
    enum class Kind { kEmpty, kText, kValue, kObject, kArray } kind = Kind::kEmpty;
    std::string text;
    std::vector<std::string> names;  // of an object's nodes
    std::vector<std::unique_ptr<Node>> nodes;
  };
  Node* find(std::string_view path);
  static Node* member(Node& node, std::string_view name);
  static Node* element(Node& node, std::size_t index);
  static void write(const Node& node, std::string& out);
  bool spend(std::size_t bytes);

  Node root_;
  std::size_t left_;
};

}  // namespace sluice::dialect::gemini
