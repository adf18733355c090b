// Parts and turns as readers of other dialects make them, for tests of what is sent of them.
//
// Thread rule: pure. Lifetime: they are views of their arguments.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "chat/request.h"

namespace sluice::dialect::fixtures {

inline chat::Part text(std::string_view said) {
  chat::Part part;
  part.text = {said};
  return part;
}
inline chat::Part call(std::string_view id, std::string_view name, std::string_view arguments = "{}") {
  chat::Part part;
  part.kind = chat::PartKind::kCall;
  part.id = {id};
  part.name = {name};
  part.arguments = arguments;
  return part;
}
inline chat::Part result(std::string_view id, std::string_view said) {
  chat::Part part;
  part.kind = chat::PartKind::kResult;
  part.id = {id};
  part.content = {text(said)};
  return part;
}
inline chat::Part medium(chat::PartKind kind, chat::Media::Form form, std::string_view type, std::string_view data,
                         std::string_view name = {}) {
  chat::Part part;
  part.kind = kind;
  part.media = {.form = form, .type = {type}, .data = {data}, .name = {name}};
  return part;
}
inline chat::Part reasoning(chat::State::Kind kind, std::string_view said, std::string_view data) {
  chat::Part part;
  part.kind = chat::PartKind::kReasoning;
  part.text = {said};
  part.state = {.kind = kind, .data = {data}};
  return part;
}
inline chat::Turn turn(chat::Role role, std::vector<chat::Part> parts) {
  chat::Turn turn;
  turn.role = role;
  turn.parts = std::move(parts);
  return turn;
}

}  // namespace sluice::dialect::fixtures
