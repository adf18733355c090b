#include "dialect/prompt.h"

#include <algorithm>
#include <functional>

#include "dialect/scan.h"

namespace sluice::dialect {

namespace {

// splitmix64's finalizer: neighbouring numbers become unlike ones.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Claude Code puts a line before its system prompt that differs in each request of a conversation.
constexpr std::string_view kChanging = "x-anthropic-billing-header:";

// The same texts have the same hash; of very long ones, which are images, both ends and the size are enough to tell
// them from others.
std::uint64_t hash_of_long(std::string_view text) {
  constexpr std::size_t kEnd = 16 << 10;
  if (text.size() <= 2 * kEnd) return hash_of(text);
  return mixed(hash_of(text.substr(0, kEnd)) ^ mixed(hash_of(text.substr(text.size() - kEnd)) ^ text.size()));
}

class Walk : Scan {
 public:
  explicit Walk(std::string_view text) : Scan(text) {}

  Prompt read() {
    take();  // the brace
    while (auto key = next_key()) member(*key);
    const std::uint64_t length = Scan::text().size() - std::min<std::uint64_t>(media_bytes_, Scan::text().size());
    prompt_.tokens = estimated_tokens(length);
    return prompt_;
  }

 private:
  // What the members of one object say together.
  struct Facts {
    std::string_view type, media_type, format, role;
    bool has_data = false;
    bool has_source = false;
  };

  void pass() { static_cast<void>(skip()); }

  void member(std::string_view key) {
    if (is_one_of(key, {"messages", "input", "contents"})) return conversation();
    if (is_one_of(key, {"system", "instructions", "systemInstruction", "system_instruction"})) {
      stable_ = 0;
      collects_ = true;
      content(key);
      collects_ = false;
      // A sum, for either may come first in the body.
      if (stable_ != 0) prompt_.beginning += mixed(stable_);
      return;
    }
    if (is_one_of(key, {"tools", "functions", "toolConfig"})) return tools();
    if (is_one_of(key, {"response_format", "text", "output_format", "output_config", "generationConfig"}))
      return form();
    if (is_one_of(key, {"reasoning", "reasoning_effort", "thinking"})) return reasoning();
    if (key == "prompt_cache_key" && ahead() == '"') {
      prompt_.cache_key = hash_of(take_string());
    } else if (key == "metadata" && ahead() == '{') {
      metadata();
    } else {
      skip();
    }
  }

  void tools() {
    const auto value = skip();
    const std::size_t first = value.find_first_not_of(" \t\r\n", 1);
    const bool holds = !value.empty() && (value[0] == '[' || value[0] == '{') && first != std::string_view::npos &&
                       value[first] != ']' && value[first] != '}';
    if (holds) prompt_.needs.add(Need::kTools);
  }

  // A schema for the answer, and Gemini's thinking.
  void form() {
    if (ahead() != '{') return pass();
    take();
    while (auto key = next_key()) {
      const char value = ahead();
      if (value == '"') {
        if (take_string() == "json_schema" && *key == "type") prompt_.needs.add(Need::kStructuredOutput);
        continue;
      }
      const bool is_schema = is_one_of(*key, {"responseSchema", "responseJsonSchema", "response_schema"});
      if (is_schema && value == '{') prompt_.needs.add(Need::kStructuredOutput);
      if (*key == "thinkingConfig" && value == '{') prompt_.needs.add(Need::kReasoning);
      if (*key == "format") {
        form();
      } else {
        skip();
      }
    }
  }

  void reasoning() {
    const char value = ahead();
    if (value == '"') {
      auto effort = take_string();
      if (effort != "none" && effort != "disabled") prompt_.needs.add(Need::kReasoning);
      return;
    }
    const auto written = skip();
    const bool is_off = value != '{' || written.find("\"disabled\"") != std::string_view::npos ||
                        written.find("\"none\"") != std::string_view::npos;
    if (!is_off) prompt_.needs.add(Need::kReasoning);
  }

  // Claude Code names its session in the user's id.
  void metadata() {
    take();
    while (auto key = next_key()) {
      if (*key != "user_id" || ahead() != '"') {
        skip();
        continue;
      }
      auto id = take_string();
      if (id.find("session_") != std::string_view::npos && prompt_.cache_key == 0) prompt_.cache_key = hash_of(id);
    }
  }

  // The messages: what they hold, and the hash of those up to the first of a user.
  void conversation() {
    stable_ = 0;
    collects_ = true;
    if (ahead() != '[') {
      content("content");
    } else {
      take();
      while (ahead() != ']' && ahead() != '\0') {
        auto facts = content("content");
        if (facts.role.empty() || facts.role == "user") end_of_beginning();
      }
      take();
    }
    end_of_beginning();
  }
  void end_of_beginning() {
    if (collects_ && stable_ != 0) prompt_.beginning += mixed(stable_ + 1);
    collects_ = false;
  }

  // Any value of a prompt; what an object says of itself is returned.
  Facts content(std::string_view key) {
    const char value = ahead();
    if (value == '"') {
      text(key, take_string());
    } else if (value == '[') {
      take();
      while (ahead() != ']' && ahead() != '\0') content(key);
      take();
    } else if (value == '{') {
      return object(key);
    } else if (value != '\0') {
      if (take_word().empty()) take();
    }
    return {};
  }

  Facts object(std::string_view key) {
    Facts facts;
    take();
    while (auto name = next_key()) {
      if (*name == "cache_control") {
        skip();
        continue;
      }
      if (ahead() != '"') {
        if (*name == "source") facts.has_source = true;
        content(*name);
        continue;
      }
      auto value = take_string();
      text(*name, value);
      note(facts, *name, value);
    }
    judge(facts, key);
    return facts;
  }

  static void note(Facts& facts, std::string_view name, std::string_view value) {
    if (name == "type") facts.type = value;
    if (name == "role") facts.role = value;
    if (name == "format") facts.format = value;
    if (is_one_of(name, {"media_type", "mimeType", "mime_type"})) facts.media_type = value;
    if (is_one_of(name, {"data", "fileUri", "file_uri"})) facts.has_data = true;
  }

  void judge(const Facts& facts, std::string_view key) {
    const bool is_image = is_one_of(facts.type, {"image_url", "input_image"}) ||
                          (facts.type == "image" && facts.has_source) ||
                          (key == "image" && facts.has_source && !facts.format.empty());
    if (is_image) prompt_.needs.add(Need::kVision);
    if (facts.type == "input_audio") prompt_.needs.add(Need::kAudio);
    if (key == "document" && facts.has_source && facts.format == "pdf") prompt_.needs.add(Need::kPdf);
    if (!facts.has_data) return;
    if (facts.media_type.starts_with("image/")) prompt_.needs.add(Need::kVision);
    if (facts.media_type.starts_with("audio/")) prompt_.needs.add(Need::kAudio);
    if (facts.media_type == "application/pdf") prompt_.needs.add(Need::kPdf);
  }

  void text(std::string_view key, std::string_view value) {
    const bool is_media = value.starts_with("data:") || is_one_of(key, {"data", "bytes", "file_data"});
    if (is_media) media_bytes_ += value.size();
    if (key == "file_data" && value.starts_with("data:application/pdf")) prompt_.needs.add(Need::kPdf);
    const bool counts = is_media || is_one_of(key, {"text", "content", "system", "instructions", "url", "image_url"});
    if (!counts || value.starts_with(kChanging)) return;
    if (collects_) stable_ = mixed(stable_ ^ hash_of_long(value));
  }

  Prompt prompt_;
  std::uint64_t media_bytes_ = 0;
  std::uint64_t stable_ = 0;
  bool collects_ = false;  // up to the first message of a user
};

}  // namespace

std::uint64_t hash_of(std::string_view text) {
  const std::uint64_t hash = mixed(std::hash<std::string_view>{}(text));
  return hash == 0 ? 1 : hash;
}

Prompt read_prompt(std::string_view body) {
  return Walk(body).read();
}

}  // namespace sluice::dialect
