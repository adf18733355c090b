#include "dialect/openai/saying.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

using chat::State;
using json::Escaped;

bool is_of_text(const chat::SealedEntry& entry) {
  return entry.kind == State::Kind::kThought && entry.text.empty();
}

}  // namespace

std::string answer_id(const WriteOptions& options, const chat::Learned& learned) {
  return learned.id.empty() ? "chatcmpl-" + std::string(options.exchange_id) : learned.id;
}

std::string_view answer_model(const WriteOptions& options, const chat::Learned& learned) {
  return learned.model.empty() ? options.asked_model : std::string_view(learned.model);
}

std::int64_t answer_created(const WriteOptions& options, const chat::Learned& learned) {
  return learned.created != 0 ? learned.created : options.created;
}

bool asked_functions(const WriteOptions& options) {
  return options.request != nullptr && options.request->path(chat::Field::kTools) == "functions";
}

bool asked_custom(const WriteOptions& options, Escaped name) {
  if (options.request == nullptr) return false;
  const auto tool = std::ranges::find(options.request->tools, name, &chat::Tool::name);
  return tool != options.request->tools.end() && tool->kind == chat::ToolKind::kCustom;
}

std::string unwrapped(std::string_view arguments) {
  const std::string plain = json::plain({arguments});
  json::Reader reader;
  std::string input(arguments);
  auto cursor = reader.scan_copy(plain);
  if (!cursor) return input;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key != "input") return;
    if (auto text = json::take_string(*cursor)) input = text->raw;
  });
  return input;
}

void write_usage(const chat::Usage& usage, json::Writer& json) {
  json.begin_object();
  json.key("prompt_tokens").number(usage.input);
  json.key("completion_tokens").number(usage.output);
  json.key("total_tokens").number(usage.input + usage.output);
  json.key("prompt_tokens_details").begin_object();
  json.key("cached_tokens").number(usage.cache_read);
  if (usage.cache_write > 0) json.key("cache_write_tokens").number(usage.cache_write);
  json.key("audio_tokens").number(usage.audio_input);
  if (usage.image_input > 0) json.key("image_tokens").number(usage.image_input);
  json.end_object();
  json.key("completion_tokens_details").begin_object();
  json.key("reasoning_tokens").number(usage.reasoning);
  json.key("audio_tokens").number(usage.audio_output);
  if (usage.image_output > 0) json.key("image_tokens").number(usage.image_output);
  json.end_object();
  json.end_object();
}

std::string on_one_line(std::string_view value) {
  std::string out(value);
  std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

void write_annotation(const chat::Citation& citation, chat::Range range, json::Writer& json) {
  if (citation.url.empty()) {  // of a document: the API has no word for it
    json.begin_object().key("type").text("document_citation");
    json.key("start_index").number(range.begin).key("end_index").number(range.end);
    if (!citation.title.empty()) json.key("title").text(citation.title);
    if (!citation.quote.empty()) json.key("quote").text(citation.quote);
    if (!citation.raw.empty()) json.key("document_citation").raw(on_one_line(citation.raw));
    json.end_object();
    return;
  }
  json.begin_object().key("type").text("url_citation").key("url_citation").begin_object();
  json.key("start_index").number(range.begin).key("end_index").number(range.end);
  json.key("url").text(citation.url).key("title").text(citation.title);
  if (!citation.quote.empty()) json.key("content").text(citation.quote);  // OpenRouter's word
  json.end_object().end_object();
}

void write_image(const chat::Media& media, json::Writer& json) {
  json.begin_object().key("type").text("image_url").key("image_url").begin_object().key("url");
  if (media.form == chat::Media::Form::kInline) {
    std::string url = "data:";
    url += media.type.raw;
    url += ";base64,";
    url += media.data.raw;
    json.text(Escaped{url});
  } else {
    json.text(media.data);
  }
  json.end_object().end_object();
}

void write_audio(const chat::Media& media, const WriteOptions& options, std::int64_t created, json::Writer& json) {
  // Nobody keeps it: it cannot be referred to by its id later.
  json.begin_object().key("id").text("audio_" + std::string(options.exchange_id));
  json.key("data").text(media.data).key("expires_at").number(created).key("transcript").text(media.context);
  json.end_object();
}

void Carried::add(const State& state, Escaped id, Escaped text, std::uint64_t after) {
  entries_.push_back({.kind = state.kind,
                      .id = json::plain(id),
                      .text = json::plain(text),
                      .data = json::plain(state.data),
                      .after = after});
}

std::string Carried::into_id(Escaped id, bool made_up, const State& state) {
  std::string sealed = chat::sealed_call_id(origin_, json::plain(id), made_up, state, entries_);
  entries_.clear();
  return sealed;
}

void Carried::write_details(json::Writer& json) {
  json.begin_array();
  auto write = [&](std::vector<chat::SealedEntry> entries) {
    const std::string sealed =
        chat::seal({.origin = std::string(origin_), .id = {}, .made_up_id = false, .entries = std::move(entries)});
    json.begin_object().key("type").text("reasoning.encrypted").key("data").text(sealed);
    json.key("format").text("sluice-v1").end_object();
  };
  std::vector<chat::SealedEntry> reasoning;
  std::ranges::copy_if(entries_, std::back_inserter(reasoning), std::not_fn(is_of_text));
  if (!reasoning.empty()) write(std::move(reasoning));
  for (const chat::SealedEntry& entry : entries_) {
    if (is_of_text(entry)) write({entry});
  }
  json.end_array();
  entries_.clear();
}

}  // namespace sluice::dialect::openai
