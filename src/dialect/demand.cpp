#include "dialect/demand.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <list>

#include "base/text.h"
#include "dialect/medium.h"
#include "dialect/scan.h"
#include "dialect/their_tools.h"
#include "json/escaped.h"

namespace sluice::dialect {

namespace {

constexpr std::uint64_t kCalls = 10;  // of a tool at the provider, where nothing says how many
constexpr std::uint64_t kMostAnswers = 1'000'000;
constexpr double kMostTokens = 1e12;

// Also within quotes, as proto3's JSON and some servers take them. Nothing: it is none, or below zero.
std::optional<std::uint64_t> number(std::string_view value) {
  if (value.size() >= 2 && value.starts_with('"')) {
    const auto plain = json::plain(json::Escaped{value.substr(1, value.size() - 2)});
    return plain.starts_with('"') ? std::nullopt : number(plain);
  }
  if (auto whole = to_number<std::uint64_t>(value)) return std::min(*whole, static_cast<std::uint64_t>(kMostTokens));
  const double real = std::strtod(std::string(value).c_str(), nullptr);  // 1e3
  if (!(real >= 1)) return std::nullopt;
  return static_cast<std::uint64_t>(std::ceil(std::min(real, kMostTokens)));
}

class Walk : Scan {
 public:
  explicit Walk(std::string_view text) : Scan(text) {}

  Demand read() {
    demand_.readable = true;
    take();
    while (auto key = next_key()) member(*key);
    settle();
    demand_.text_bytes = text().size() - std::min<std::uint64_t>(media_bytes_, text().size());
    const bool hides = has_coded_letter();
    demand_.marks_cache = has("\"cache_control\"") || has("\"cachePoint\"") || hides;
    demand_.marks_cache_1h = demand_.marks_cache && (has("\"1h\"") || hides);
    return std::move(demand_);
  }

 private:
  enum class Source : std::uint8_t { kNone, kUrl, kBytes };  // what these are, the object around them says
  // What the strings of one object are, to be judged when all of it was seen.
  struct Facts {
    std::string_view type, media_type, format, data, bytes, url, id;
    bool has_file = false, has_text = false, is_sealed = false;
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
  // A string as what it stands for.
  std::string_view plain(std::string_view written) {
    if (written.find('\\') == std::string_view::npos) return written;
    return plain_.emplace_back(json::plain(json::Escaped{written}));
  }

  // What several members say together.
  void settle() {
    demand_.answers = std::min(demand_.answers * prompts_, kMostAnswers);
    for (auto* calls : {&demand_.searches, &demand_.file_searches, &demand_.tool_calls})
      if (*calls > 0) *calls = std::max(*calls, most_calls_);
  }

  void member(std::string_view key) {
    if (is_one_of(key, {"messages", "contents", "input", "system", "systemInstruction", "system_instruction", "content",
                        "inputs", "documents", "requests"})) {
      content(key);
      return;
    }
    if (is_one_of(key, {"max_tokens", "max_completion_tokens", "max_output_tokens"})) return max_output(key);
    if (is_one_of(key, {"n", "best_of", "num_generations"})) return answers();
    if (key == "prompt") return prompts();
    if (is_one_of(key, {"generationConfig", "generation_config", "inferenceConfig"})) return config();
    if (is_one_of(key, {"tools", "functions", "toolConfig", "tool_config"})) return tools(key);
    if (key == "thinking" || key == "additionalModelRequestFields") return thinking(key);
    if (key == "max_tool_calls") {
      most_calls_ = std::min(number(skip()).value_or(0), kMostAnswers);
      return;
    }
    if (is_one_of(key, {"service_tier", "serviceTier"})) return words(&AskedTerms::tiers);
    if (is_one_of(key, {"speed", "performanceConfig"})) return words(&AskedTerms::speeds);
    if (key == "inference_geo") return words(&AskedTerms::places);
    if (key == "plugins" && ahead() == '[') return each_object([this] { plugin(); });
    reach_out(key);
  }

  // What else brings what nobody has seen.
  void reach_out(std::string_view key) {
    const bool searches = is_one_of(key, {"web_search_options", "connectors", "search_parameters"});
    const bool brings = is_one_of(key, {"mcp_servers", "cachedContent", "cached_content", "previous_response_id",
                                        "conversation", "prompt_id", "container"});
    const auto value = skip();
    if ((!searches && !brings) || value == "null") return;
    demand_.has_window_only = true;
    if (searches) demand_.searches += kCalls;
  }

  // A string, or those of an object's members.
  void words(std::vector<std::string> AskedTerms::* where) {
    auto& words = demand_.terms.*where;
    auto add = [&](std::string_view value) {
      const bool is_string = value.starts_with('"') && value.size() >= 2;
      words.push_back(is_string ? lower(plain(value.substr(1, value.size() - 2))) : "null");
    };
    if (ahead() != '{') return add(skip());
    take();
    while (next_key()) add(skip());
  }

  void max_output(std::string_view key) {
    const auto value = skip();
    const auto tokens = number(value);
    demand_.limits.push_back({std::string(key), {at() - value.size(), at()}, tokens});
    if (tokens) demand_.max_output = std::max(demand_.max_output.value_or(0), *tokens);
  }
  void answers() {
    const auto count = std::min(number(skip()).value_or(0), kMostAnswers);
    demand_.answers = std::max(demand_.answers, count);
  }
  // Each of a list is answered by itself; a list of numbers is one, as tokens.
  void prompts() {
    if (ahead() != '[') {
      skip();
      return;
    }
    take();
    std::uint64_t count = 0;
    while (ahead() != ']' && ahead() != '\0') {
      if (ahead() == '"' || ahead() == '[') ++count;
      skip();
    }
    take();
    prompts_ = std::max(prompts_, count);
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
      const auto value = skip();
      if (value == "null") demand_.config_null = Range{at() - value.size(), at()};
      return;
    }
    take();
    demand_.config_begin = at();
    demand_.config_empty = ahead() == '}';
    while (auto key = next_key()) {
      if (is_one_of(*key, {"maxOutputTokens", "max_output_tokens", "maxTokens"})) {
        max_output(*key == "max_output_tokens" ? "maxOutputTokens" : *key);
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
    if (opens == '{' && key.starts_with("tool") && key != "tools") {
      take();
      while (auto name = next_key()) *name == "tools" ? tools("tools") : static_cast<void>(skip());
      return;
    }
    if (opens == '{' && key == "tools") return tool();  // Gemini takes one for a list of it
    if (opens != '[') {
      skip();
      return;
    }
    each_object([this] { tool(); });
  }
  // Of the list ahead.
  template <class Visit>
  void each_object(Visit visit) {
    take();
    while (ahead() != ']' && ahead() != '\0') ahead() == '{' ? visit() : static_cast<void>(skip());
    take();
  }
  void tool() {
    demand_.has_tools = true;
    take();
    bool is_theirs = false, searches = false, searches_files = false, is_charged = false;
    std::uint64_t uses = kCalls;
    while (auto key = next_key()) {
      if (*key == "environment" && is_hosted()) is_theirs = is_charged = true;
      const auto value = *key == "environment" ? std::string_view() : skip();
      if (*key == "max_uses") uses = std::min(number(value).value_or(kCalls), kMostAnswers);
      if (*key == "type" && value.starts_with('"')) {
        const auto type = plain(value.substr(1, value.size() - 2));
        is_theirs = is_theirs || !is_callers_type(type);
        searches = searches || is_search(type);
        searches_files = searches_files || is_file_search(type);
        is_charged = is_charged || is_charged_type(type);
      } else if (is_their_key(*key) && value != "null") {
        is_theirs = true;
        searches = searches || is_search(*key);
      }
    }
    demand_.has_window_only = demand_.has_window_only || is_theirs;
    if (is_theirs && searches) demand_.searches += uses;
    if (searches_files) demand_.file_searches += uses;
    if (is_charged) demand_.tool_calls += uses;
  }
  // OpenRouter's.
  void plugin() {
    take();
    std::string_view id;
    bool is_on = true;
    while (auto key = next_key()) {
      const auto value = skip();
      if (*key == "id" && value.starts_with('"')) id = plain(value.substr(1, value.size() - 2));
      if (*key == "enabled") is_on = value != "false";
    }
    if (!is_on || is_free_plugin(id)) return;
    demand_.has_window_only = true;
    (is_search_plugin(id) ? demand_.searches : demand_.tool_calls) += kCalls;
  }
  // A shell's, which is the caller's own or a container of the provider's. Consumes the value.
  bool is_hosted() {
    if (ahead() != '{') {
      skip();
      return false;
    }
    take();
    bool hosted = false;
    while (auto name = next_key()) {
      const auto value = skip();
      if (*name != "type" || !value.starts_with('"')) continue;
      hosted = hosted || plain(value.substr(1, value.size() - 2)) != "local";
    }
    return hosted;
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
      facts.has_text = facts.has_text || is_one_of(*name, {"role", "content"});
      if (key == "input" && *name == "tools") {  // of an item that adds some
        tools(*name);
        continue;
      }
      // Arguments and results of tools are text, whatever they look like.
      if (is_one_of(*name, {"input", "args", "response", "json", "arguments", "cache_control"})) {
        skip();
        continue;
      }
      if (ahead() != '"') {
        const auto source = content(*name);
        if (source != Source::kNone) facts.source = source;
        continue;
      }
      note(facts, *name, take_string());
    }
    return judge(facts, key);
  }

  void note(Facts& facts, std::string_view name, std::string_view value) {
    ++demand_.documents;
    if (name == "type") facts.type = plain(value);
    if (name == "format") facts.format = plain(value);
    if (is_one_of(name, {"media_type", "mimeType", "mime_type"})) facts.media_type = plain(value);
    if (name == "data") facts.data = value;
    if (name == "bytes") facts.bytes = value;
    if (is_one_of(name, {"url", "image_url", "file_data"})) facts.url = value;
    if (name == "id") facts.id = value;
    if (name == "encrypted_content") facts.is_sealed = !value.empty();
    if (is_one_of(name, {"file_id", "fileUri", "file_uri", "file_url", "uri", "document_url", "video_url", "audio_url",
                         "input_audio"}))
      facts.has_file = true;
  }

  Source judge(const Facts& facts, std::string_view key) {
    if (facts.has_file || names_what_is_kept(facts, key)) demand_.has_window_only = true;
    inline_data(facts, key);
    if (facts.source == Source::kBytes && is_packed(facts, key)) demand_.has_window_only = true;
    if (facts.source == Source::kUrl) {
      if (facts.type == "image") {
        ++demand_.images;
      } else {
        demand_.has_window_only = true;
      }
    }
    if (!facts.bytes.empty() && key == "source") return Source::kBytes;
    if (!facts.url.empty() && key == "source" && !facts.url.starts_with("data:")) return Source::kUrl;
    if (!facts.url.empty()) link(facts, key);
    return Source::kNone;
  }
  // An earlier answer's sound, an item by its id alone, and items whose text is not among what they hold.
  static bool names_what_is_kept(const Facts& facts, std::string_view key) {
    if (facts.type == "item_reference") return true;
    if (facts.id.empty()) return false;
    if (key == "audio") return true;
    if (key != "input") return false;
    if (facts.type.empty()) return !facts.has_text;
    if (facts.type == "reasoning") return !facts.is_sealed;
    return is_one_of(facts.type, {"web_search_call", "file_search_call", "image_generation_call"});
  }
  // Converse says beside the bytes what they are.
  static bool is_packed(const Facts& facts, std::string_view key) {
    if (key == "document") return !is_one_of(facts.format, {"csv", "html", "txt", "md"});
    return key == "video" || key == "audio";
  }
  void inline_data(const Facts& facts, std::string_view key) {
    const bool is_sound = key == "input_audio" && !facts.format.empty();
    const bool is_text = facts.type == "text" || lower(facts.media_type).starts_with("text/");
    const bool is_block = facts.type == "base64" || !facts.media_type.empty() || is_sound;
    if (!facts.data.empty() && is_block && !is_text)
      count(medium_of(is_sound ? "audio/" : facts.media_type, facts.data), facts.data);
    if (!facts.bytes.empty() && key == "source") count(medium_of({}, facts.bytes), facts.bytes);
  }
  void link(const Facts& facts, std::string_view key) {
    const bool is_image = is_one_of(key, {"image_url", "image"}) ||
                          is_one_of(facts.type, {"input_image", "image_url", "computer_screenshot"});
    const bool may_link = is_image || is_one_of(key, {"source", "file", "video_url", "audio_url", "document_url"}) ||
                          facts.type.starts_with("input_");
    if (!may_link) return;
    if (is_image && !facts.url.starts_with("data:")) return count(Medium::kImage, {});
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
  std::uint64_t prompts_ = 1;
  std::uint64_t most_calls_ = 0;  // of tools that run at the provider, as asked for
  std::list<std::string> plain_;  // strings that were written with escapes
};

}  // namespace

Demand read_demand(std::string_view body) {
  return Walk(body).read();
}

}  // namespace sluice::dialect
