// Canonical requests as a Gemini provider gets them.
//
// Source: GenerateContentRequest of the API's reference. Deterministic: the same turns give the same bytes, whatever
// follows them. Thread rule: pure.
#pragma once

#include <cstdint>

#include "dialect/dialect.h"
#include "dialect/gemini/model.h"

namespace sluice::dialect::gemini {

// The Gemini API, or Vertex AI, which lacks some of its fields.
enum class Platform : std::uint8_t { kGemini, kVertex };

Result<Outgoing> write_chat(chat::Request& request, const Target& target, Platform platform);
Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target, Platform platform);

// What the writers of a request's members share.
struct Sending {
  Sending(chat::Request& asked, const Target& to, Platform on);

  // The first refusal is kept.
  void refuse(std::string_view param, std::string_view why) {
    if (status) status = unsupported_here(param, why);
  }
  Failure unsupported_here(std::string_view param, std::string_view why) const;
  void lose(std::string_view path, chat::Unplaced unplaced = chat::Unplaced::kDropped);
  // The client's own name of a field.
  std::string path(chat::Field field) const { return std::string(request.path(field)); }

  chat::Request& request;
  const Target& target;
  Platform platform;
  ModelFacts model;
  bool own;  // the client speaks this dialect
  std::vector<chat::Request::Lost> lost;
  Status status;
};

// Appends the member "contents", and "systemInstruction" where there is one.
void write_contents(Sending& sending, json::Writer& json);
// Appends a part with a medium, signed with `state` where that is a signature of this dialect.
void write_media(Sending& sending, const chat::Part& part, const chat::State& state, json::Writer& json);
bool is_media(chat::PartKind kind);
// The Gemini API reads public https addresses for models after Gemini 2.0, Vertex AI http addresses too; both are told
// the type.
bool takes_url(const chat::Media& media, std::string_view model, Platform platform);
// Appends "thoughtSignature" where there is one.
void write_signature(const chat::State& state, json::Writer& json);
// Appends "tools" and "toolConfig".
void write_tools(Sending& sending, json::Writer& json);
// Appends "generationConfig" and the settings beside it.
void write_settings(Sending& sending, json::Writer& json);

}  // namespace sluice::dialect::gemini
