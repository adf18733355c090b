#include "dialect/demand.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "dialect/scan.h"

namespace sluice::dialect {

namespace {

enum class Medium : std::uint8_t { kText, kImage, kAudio, kWindow };

// By how its base64 begins. What is not known counts by its bytes, which is a bound for all that is not packed.
Medium medium_of(std::string_view base64) {
  auto begins = [&](std::initializer_list<std::string_view> all) {
    return std::ranges::any_of(all, [&](auto one) { return base64.starts_with(one); });
  };
  if (begins({"/9j/", "iVBORw0KGgo", "R0lGOD"})) return Medium::kImage;
  if (base64.starts_with("UklGR")) {                             // "RIFF", and from the ninth byte what it is
    if (base64.substr(11, 5) == "XRUJQ") return Medium::kImage;  // "WEBP"
    if (base64.substr(11, 5) == "XQVZF") return Medium::kAudio;  // "WAVE"
  }
  if (begins({"SUQz", "//u", "//s", "//N", "T2dnUw", "ZkxhQ"})) return Medium::kAudio;
  if (begins({"JVBERi", "UEsD", "0M8R4", "H4sI"})) return Medium::kWindow;  // PDF, ZIP (docx, xlsx), doc, gzip
  return Medium::kText;
}

Medium medium_of_url(std::string_view url) {
  if (!url.starts_with("data:")) return Medium::kWindow;
  const auto comma = url.find(',');
  return comma == std::string_view::npos ? Medium::kText : medium_of(url.substr(comma + 1));
}

class Walk : Scan {
 public:
  explicit Walk(std::string_view text) : Scan(text) {}

  Demand read() {
    demand_.readable = true;
    take();
    while (auto key = next_key()) member(*key);
    demand_.text_bytes = text().size() - std::min<std::uint64_t>(media_bytes_, text().size());
    const bool hides = has_coded_letter();
    demand_.marks_cache = has("\"cache_control\"") || has("\"cachePoint\"") || hides;
    demand_.marks_cache_1h = demand_.marks_cache && (has("\"1h\"") || hides);
    return std::move(demand_);
  }

 private:
  enum class Source : std::uint8_t { kNone, kUrl };  // kUrl: what it is, the object around it says
  // What the strings of one object are, to be judged when all of it was seen.
  struct Facts {
    std::string_view type, media_type, data, bytes, url;
    bool has_format = false, has_file = false;
    Source source = Source::kNone;
  };

  // Nobody codes letters and digits who has nothing to hide: what words there may be is not looked for then.
  bool has_coded_letter() const {
    constexpr std::string_view kCode = "\\u00";
    for (std::size_t at = text().find(kCode); at != std::string_view::npos; at = text().find(kCode, at + 1)) {
      unsigned code = 0;
      const auto digits = text().substr(at + kCode.size(), 2);
      std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (std::isalnum(static_cast<int>(code)) != 0 || code == '_') return true;
    }
    return false;
  }
  bool has(std::string_view words) const { return text().find(words) != std::string_view::npos; }

  void member(std::string_view key) {
    if (is_one_of(key, {"messages", "contents", "input", "system", "systemInstruction", "system_instruction", "content",
                        "inputs", "documents", "requests"})) {
      content(key);
      return;
    }
    if (is_one_of(key, {"max_tokens", "max_completion_tokens", "max_output_tokens"})) return max_output();
    if (is_one_of(key, {"n", "best_of", "num_generations"})) return answers();
    if (is_one_of(key, {"generationConfig", "generation_config", "inferenceConfig"})) return config();
    if (is_one_of(key, {"tools", "functions", "toolConfig"})) return tools(key);
    if (key == "thinking" || key == "additionalModelRequestFields") return thinking(key);
    const bool reaches_out =
        is_one_of(key, {"web_search_options", "mcp_servers", "cachedContent", "cached_content", "previous_response_id",
                        "conversation", "prompt_id", "container", "connectors"});
    const auto value = skip();
    if (!reaches_out || value == "null") return;
    demand_.has_window_only = true;
    demand_.searches = demand_.searches || key == "web_search_options" || key == "connectors";
  }

  std::optional<std::uint64_t> number(std::string_view word) {
    if (auto whole = to_number<std::uint64_t>(word)) return whole;
    const double value = std::strtod(std::string(word).c_str(), nullptr);  // 1e3
    return value >= 1 && value < 1e15 ? std::optional(static_cast<std::uint64_t>(std::ceil(value))) : std::nullopt;
  }
  void max_output() {
    const auto value = skip();
    const auto tokens = number(value);
    if (!tokens) return;
    demand_.max_output = std::max(demand_.max_output.value_or(0), *tokens);
    demand_.max_output_values.push_back({at() - value.size(), at()});
  }
  void answers() {
    if (auto count = number(skip())) demand_.answers = std::max(demand_.answers, *count);
  }
  // Claude's answers are longer than what it may think.
  void thinking(std::string_view key) {
    if (ahead() != '{') {
      skip();
      return;
    }
    take();
    const bool is_inside = key == "thinking";
    while (auto name = next_key()) {
      if (is_inside && *name == "budget_tokens") {
        demand_.thinking = std::max(demand_.thinking, number(skip()).value_or(0));
      } else if (!is_inside && *name == "thinking") {
        thinking(*name);
      } else {
        skip();
      }
    }
  }
  void config() {
    if (ahead() != '{') {
      skip();
      return;
    }
    take();
    demand_.config_begin = at();
    demand_.config_empty = ahead() == '}';
    while (auto key = next_key()) {
      if (is_one_of(*key, {"maxOutputTokens", "max_output_tokens", "maxTokens"})) {
        max_output();
      } else if (is_one_of(*key, {"candidateCount", "candidate_count"})) {
        answers();
      } else {
        skip();
      }
    }
  }

  // Tools of the caller's are text. Others run at the provider and bring what nobody has seen.
  void tools(std::string_view key) {
    const char opens = ahead();
    if (opens == '{' && key == "toolConfig") {
      take();
      while (auto name = next_key()) *name == "tools" ? tools("tools") : static_cast<void>(skip());
      return;
    }
    if (opens == '{' && key == "tools") {  // Gemini takes one for a list of it
      demand_.has_tools = true;
      return tool();
    }
    if (opens != '[') {
      skip();
      return;
    }
    take();
    while (ahead() != ']' && ahead() != '\0') {
      demand_.has_tools = true;
      ahead() == '{' ? tool() : static_cast<void>(skip());
    }
    take();
  }
  void tool() {
    take();
    bool is_theirs = false, searches = false;
    while (auto key = next_key()) {
      const bool is_type = *key == "type" && ahead() == '"';
      auto value = skip();
      if (is_type) {
        value = value.substr(1, value.size() - 2);
        const bool is_ours = is_one_of(value, {"function", "custom"}) || value.starts_with("bash_") ||
                             value.starts_with("text_editor_") || value.starts_with("computer_") ||
                             value.starts_with("memory_") || is_one_of(value, {"local_shell", "shell", "apply_patch"});
        is_theirs = is_theirs || !is_ours;
        searches = searches || value.starts_with("web_search");
      }
      const bool is_own_key =
          is_one_of(*key, {"googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval",
                           "urlContext", "url_context", "codeExecution", "code_execution", "fileSearch", "file_search",
                           "googleMaps", "google_maps", "retrieval", "systemTool"});
      is_theirs = is_theirs || is_own_key;
      searches = searches || key->starts_with("google");
    }
    demand_.has_window_only = demand_.has_window_only || is_theirs;
    demand_.searches = demand_.searches || searches;
  }

  // Any value of a prompt.
  Source content(std::string_view key) {
    const char value = ahead();
    if (value == '{') return object(key);
    if (value == '"') {
      take_string();
      ++demand_.documents;
    } else if (value == '[') {
      take();
      while (ahead() != ']' && ahead() != '\0') {
        if (content(key) == Source::kUrl) demand_.has_window_only = true;
      }
      take();
    } else if (value != '\0') {
      if (take_word().empty()) take();
    }
    return Source::kNone;
  }

  Source object(std::string_view key) {
    Facts facts;
    take();
    while (auto name = next_key()) {
      // Arguments and results of tools are text, whatever they look like.
      if (is_one_of(*name, {"input", "args", "response", "json", "arguments", "cache_control"})) {
        skip();
        continue;
      }
      if (ahead() != '"') {
        if (content(*name) == Source::kUrl) facts.source = Source::kUrl;
        continue;
      }
      note(facts, *name, take_string());
    }
    return judge(facts, key);
  }

  void note(Facts& facts, std::string_view name, std::string_view value) {
    ++demand_.documents;
    if (name == "type") facts.type = value;
    if (name == "format") facts.has_format = true;
    if (is_one_of(name, {"media_type", "mimeType", "mime_type"})) facts.media_type = value;
    if (name == "data") facts.data = value;
    if (name == "bytes") facts.bytes = value;
    if (is_one_of(name, {"url", "image_url"})) facts.url = value;
    if (name == "file_data") facts.url = value;
    if (is_one_of(name, {"file_id", "fileUri", "file_uri", "file_url", "uri"})) facts.has_file = true;
  }

  Source judge(const Facts& facts, std::string_view key) {
    const bool is_text = facts.type == "text" || facts.media_type.starts_with("text/");
    const bool is_block =
        facts.type == "base64" || !facts.media_type.empty() || (key == "input_audio" && facts.has_format);
    if (!facts.data.empty() && is_block && !is_text) count(medium_of(facts.data), facts.data);
    if (!facts.bytes.empty() && key == "source") count(medium_of(facts.bytes), facts.bytes);
    const bool may_link =
        is_one_of(key, {"image_url", "image", "source"}) || facts.type.starts_with("input_") || key == "file";
    if (facts.has_file) demand_.has_window_only = true;
    if (facts.source == Source::kUrl) {
      if (facts.type == "image") {
        ++demand_.images;
      } else {
        demand_.has_window_only = true;
      }
    }
    if (facts.url.empty() || !may_link) return Source::kNone;
    if (key == "source" && !facts.url.starts_with("data:")) return Source::kUrl;
    link(facts, key);
    return Source::kNone;
  }
  void link(const Facts& facts, std::string_view key) {
    const bool is_image = is_one_of(key, {"image_url", "image"}) || facts.type == "input_image";
    if (!facts.url.starts_with("data:") && is_image) {
      ++demand_.images;
      return;
    }
    count(medium_of_url(facts.url), facts.url);
  }
  void count(Medium medium, std::string_view bytes) {
    if (medium == Medium::kText) return;
    media_bytes_ += bytes.size();
    if (medium == Medium::kImage) ++demand_.images;
    if (medium == Medium::kAudio) demand_.audio_bytes += bytes.size();
    if (medium == Medium::kWindow) demand_.has_window_only = true;
  }

  Demand demand_;
  std::uint64_t media_bytes_ = 0;
};

// The member that says how long an answer may be, and the object it stands in; empty: none.
struct Place {
  std::string_view object, member;
};
Place place_of(const Endpoint& endpoint) {
  if (endpoint.name == "completions") return {"", "max_tokens"};
  if (endpoint.operation != Operation::kChat) return {};
  if (endpoint.dialect == "openai") return {"", "max_completion_tokens"};
  if (endpoint.dialect == "responses") return {"", "max_output_tokens"};
  if (endpoint.dialect == "anthropic" || endpoint.dialect == "cohere") return {"", "max_tokens"};
  if (endpoint.dialect == "gemini") return {"generationConfig", "maxOutputTokens"};
  if (endpoint.dialect == "bedrock") return {"inferenceConfig", "maxTokens"};
  return {};
}

}  // namespace

Demand read_demand(std::string_view body) {
  return Walk(body).read();
}

std::optional<std::string> with_max_output(const Endpoint& endpoint, std::string_view body, const Demand& demand,
                                           std::uint64_t tokens) {
  const auto place = place_of(endpoint);
  if (place.member.empty() || !demand.readable) return std::nullopt;
  const auto number = std::to_string(tokens);
  std::string written;
  written.reserve(body.size() + 64);
  std::size_t from = 0;
  for (const auto& [begin, end] : demand.max_output_values) {
    const auto asked = to_number<std::uint64_t>(body.substr(begin, end - begin));
    if (asked && *asked <= tokens) continue;
    written += body.substr(from, begin - from);
    written += number;
    from = end;
  }
  if (!demand.max_output_values.empty()) return written += body.substr(from);
  const auto member = "\"" + std::string(place.member) + "\":" + number;
  if (!place.object.empty() && demand.config_begin) {
    written += body.substr(0, *demand.config_begin);
    written += member + (demand.config_empty ? "" : ",");
    return written += body.substr(*demand.config_begin);
  }
  const auto begin = body.find('{');
  if (begin == std::string_view::npos) return std::nullopt;
  written = body.substr(0, begin + 1);
  written += place.object.empty() ? member + "," : "\"" + std::string(place.object) + "\":{" + member + "},";
  return written += body.substr(begin + 1);
}

}  // namespace sluice::dialect
