// Canonical requests as Amazon Bedrock gets them.
//
// Source: ConverseRequest of the AWS SDK, and the model parameters in the Amazon Bedrock user guide. Deterministic: the
// same turns give the same bytes, whatever follows them. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/bedrock/model.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::bedrock {

Result<Outgoing> write_chat(chat::Request& request, const Target& target);

// What the writers of a request's members share.
struct Sending {
  Sending(chat::Request& asked, const Target& to);

  // The first refusal is kept.
  void refuse(std::string_view param, std::string_view why);
  void lose(std::string_view path, chat::Unplaced unplaced = chat::Unplaced::kDropped);
  // The client's own name of a field.
  std::string path(chat::Field field) const { return std::string(request.path(field)); }

  chat::Request& request;
  const Target& target;
  const ModelFacts& model;
  bool own;                       // the client speaks this dialect
  bool thinks_by_budget = false;  // set by plan_reasoning(): Claude's older way, which forbids some settings
  std::vector<chat::Request::Lost> lost;
  Status status;
};

// ---- write_messages.cpp
// Appends "messages", and "system" where there is one.
void write_messages(Sending& sending, json::Writer& json);
// ---- write_media.cpp
// The names of the documents of one request: the API takes few letters, and no name twice.
class DocumentNames {
 public:
  std::string name(chat::Escaped wanted);

 private:
  std::vector<std::string> used_;
};
// Whether it is in the one store that the API reads by itself.
bool is_s3(const chat::Media& media);
// An image, audio, video or document block. Refuses what the API cannot be given.
void write_media(Sending& sending, DocumentNames& names, const chat::Part& part, json::Writer& json);
// ---- write_tools.cpp
// Whether the history calls tools: then the API wants to know tools.
bool has_tool_blocks(const chat::Request& request);
void write_tools(Sending& sending, json::Writer& json);
// {"cachePoint": …}, where the mark is set.
void write_cache_point(chat::CacheMark mark, json::Writer& json);
// ---- write_settings.cpp
void plan_reasoning(Sending& sending);
// "additionalModelRequestFields"
void write_model_fields(Sending& sending, json::Writer& json);
// "inferenceConfig" and all that is beside the conversation.
void write_settings(Sending& sending, json::Writer& json);

}  // namespace sluice::dialect::bedrock
