#include "sim/examine.h"

#include <algorithm>
#include <array>

#include "sim/api.h"
#include "sim/openai/endpoint.h"
#include "sim/openai/form.h"

namespace sluice::sim {

namespace {

Problem not_json(const json::Broken& broken) {
  return {"We could not parse the JSON body of your request: " + std::string(broken.why) + " (at byte " +
              std::to_string(broken.offset) + ").",
          "", "", ""};
}

std::optional<Problem> check_rejected(json::Cursor cursor, const Script& script) {
  if (script.reject.empty() || !cursor.enter_object()) return std::nullopt;
  while (auto key = cursor.next_key()) {
    std::string name(*key);
    if (std::ranges::find(script.reject, name) != script.reject.end()) {
      return Problem{"Unsupported parameter: ", name, " is not supported with this model.", "unsupported_parameter"};
    }
    cursor.skip();
  }
  return std::nullopt;
}

void pick(Examined& examined, ScriptShelf& shelf, const http::RequestHead& head) {
  if (!examined.ask.place.model.empty()) examined.ask.model = examined.ask.place.model;
  auto header = head.headers.get("x-sim").value_or("");
  auto script = shelf.pick(header, http::path_of(head.target), examined.ask.model);
  if (script) {
    examined.script = std::move(*script);
  } else {
    examined.problem = Problem{script.error().told, "", "", "invalid_script"};
  }
}

bool is_strict(const Examined& examined) {
  return !examined.script || examined.script->strict;
}

void examine_json(json::Reader& reader, ScriptShelf& shelf, const http::RequestHead& head, std::string_view body,
                  Examined& examined) {
  auto start = reader.scan(body);
  if (!start) {
    examined.problem = not_json(start.error());
    return;
  }
  if (start->kind() != json::Kind::kObject) {
    examined.problem = Problem{"The body of your request must be a JSON object.", "", "", ""};
    return;
  }
  Ask& ask = examined.ask;
  json::Cursor cursor = *start;
  ask.place.api->read(body, cursor, ask);
  if (!cursor.finish()) {
    examined.problem = not_json(*cursor.broken());
    return;
  }
  pick(examined, shelf, head);
  if (!examined.problem && examined.script) examined.problem = check_rejected(*start, *examined.script);
  if (!examined.problem && is_strict(examined)) examined.problem = ask.place.api->check(*start, ask);
}

struct FormRule {
  Endpoint endpoint;
  std::array<std::string_view, 2> needs;
  std::string_view file;  // "image[]" is taken for "image"
};
constexpr FormRule kFormRules[] = {
    {Endpoint::kImageEdits, {"image", "prompt"}, "image"},
    {Endpoint::kImageVariations, {"image", "image"}, "image"},
    {Endpoint::kTranscriptions, {"file", "model"}, "file"},
    {Endpoint::kTranslations, {"file", "model"}, "file"},
};

std::optional<Problem> check_form(const Ask& ask, const std::vector<FormField>& fields) {
  const FormRule* rule = std::ranges::find(kFormRules, ask.place.endpoint, &FormRule::endpoint);
  for (auto name : rule->needs) {
    bool there = std::ranges::any_of(fields, [&](const FormField& field) {
      return field.name == name || (field.name == "image[]" && name == "image");
    });
    if (!there && !(name == "model" && !ask.place.model.empty())) return missing(name);
  }
  for (const FormField& field : fields) {
    bool file = field.name == rule->file || field.name.starts_with("image") || field.name == "mask";
    if (file && field.filename.empty()) {
      return Problem{"Invalid type for ", std::string(field.name), ": expected a file, but got a string instead.",
                     "invalid_type"};
    }
  }
  return std::nullopt;
}

void examine_form(ScriptShelf& shelf, const http::RequestHead& head, std::string_view body, Examined& examined) {
  Ask& ask = examined.ask;
  auto fields = read_form(head.headers.get("content-type").value_or(""), body);
  if (fields) {
    for (const FormField& field : *fields) {
      if (field.name == "model") ask.model = field.value;
      if (field.name == "response_format") ask.format = field.value;
      if (field.name == "prompt") ask.text = field.value;
      if (!field.filename.empty() && ask.text.empty()) ask.text = field.filename;
    }
  }
  ask.prompt_bytes = ask.text.size();
  pick(examined, shelf, head);
  if (examined.problem || !is_strict(examined)) return;
  if (!fields) {
    examined.problem = Problem{"The body must be a whole form (multipart/form-data with a boundary).", "", "", ""};
    return;
  }
  examined.problem = check_form(ask, *fields);
}

}  // namespace

Examined examine(json::Reader& reader, ScriptShelf& shelf, const http::RequestHead& head, std::string_view body) {
  Examined examined;
  const Place& place = examined.ask.place = place_of(head);
  examined.ask.stream = place.stream;
  if (takes_form(place.endpoint)) {
    examine_form(shelf, head, body, examined);
  } else if (place.api->takes_json(place) && head.method == "POST") {
    examine_json(reader, shelf, head, body, examined);
  } else {
    pick(examined, shelf, head);
  }
  return examined;
}

}  // namespace sluice::sim
