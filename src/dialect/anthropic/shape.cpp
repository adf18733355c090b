#include "dialect/anthropic/shape.h"

#include "chat/seal.h"
#include "dialect/anthropic/stop.h"

namespace sluice::dialect::anthropic {

using chat::Escaped;
using chat::FinishReason;
using chat::State;

std::string Shape::seal(const State& state, Escaped item) const {
  return chat::sealed_state(options_.origin, state, json::plain(item));
}

std::string Shape::call_id(Escaped id, bool made_up, const State& state) {
  std::string own = json::plain(id);
  if (own.empty()) {
    own = "toolu_" + std::string(options_.exchange_id) + "_" + std::to_string(++made_ids_);
    made_up = true;
  }
  return chat::sealed_call_id(options_.origin, own, made_up, state);
}

void Shape::begin_message(const chat::Learned& learned, json::Writer& json) const {
  json.begin_object().key("id");
  json.text(learned.id.empty() ? "msg_" + std::string(options_.exchange_id) : learned.id);
  json.key("type").text(std::string_view("message")).key("role").text(std::string_view("assistant"));
  json.key("model").text(learned.model.empty() ? options_.asked_model : std::string_view(learned.model));
  json.key("content").begin_array();
}

void Shape::begin_call(std::string_view id, Escaped name, json::Writer& json) {
  json.begin_object().key("type").text(std::string_view("tool_use")).key("id").text(id).key("name").text(name);
  json.key("caller").begin_object().key("type").text(std::string_view("direct")).end_object().key("input");
}

std::string Shape::medium(const chat::Media& media) {
  std::string text = media.type.raw.starts_with("image/") || media.type.empty() ? "![image](" : "[media](";
  if (media.form == chat::Media::Form::kInline) {
    text += "data:";
    text += media.type.raw;
    text += ";base64,";
  }
  text += media.data.raw;
  return text += ')';
}

void Shape::stop(const Ending& ending, json::Writer& json) {
  const std::string_view word = write_stop(ending.finish, ending.calls);
  json.key("stop_reason").text(word).key("stop_sequence");
  if (ending.finish == FinishReason::kStopSequence && !ending.stop_sequence.empty()) {
    json.text(Escaped{ending.stop_sequence});
  } else {
    json.null();
  }
  json.key("stop_details");
  if (word != "refusal") {
    json.null();
    return;
  }
  json.begin_object().key("type").text(std::string_view("refusal")).key("category").null().key("explanation");
  if (ending.finish == FinishReason::kModelError) {
    json.text(std::string_view("What the model wrote is malformed."));
  } else {
    json.null();
  }
  json.end_object();
}

FinishReason finish_of(FinishReason told, const chat::Learned& learned) {
  return told == FinishReason::kNone ? learned.finish : told;
}

}  // namespace sluice::dialect::anthropic
