#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "base/base64.h"
#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/dom.h"
#include "sim/text.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

// Walks the blocks of one content, and those within them.
class BlockCheck {
 public:
  BlockCheck(const Asked& asked, std::string_view role) : asked_(asked), role_(role) {}

  std::optional<Problem> check_all(const bj::value& content, const std::string& path) const {
    const bj::array* blocks = content.if_array();
    for (std::size_t i = 0; blocks && i < blocks->size(); ++i) {
      const bj::object* block = (*blocks)[i].if_object();
      auto problem = block ? check(*block, path + "." + std::to_string(i)) : std::nullopt;
      if (problem) return problem;
    }
    return std::nullopt;
  }

 private:
  std::optional<Problem> check(const bj::object& block, const std::string& path) const {
    std::string_view type = text_in(block, "type");
    if (type == "text") return check_text(block, path);
    if (type == "image") return check_image(*object_in(block, "source"), path + ".image.source");
    if (type == "document") return check_document(block, path + ".document.source");
    const bj::value* inner = block.if_contains("content");
    if (type == "search_result" || type == "tool_result") {
      return inner ? check_all(*inner, path + "." + std::string(type) + ".content") : std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<Problem> check_text(const bj::object& block, const std::string& path) const {
    std::string_view text = text_in(block, "text");
    std::string where(role_.empty() ? "system" : "messages");
    if (text.empty() && find_in(block, "cache_control")) {
      return wrong(path + ".cache_control", "cache_control cannot be set for empty text blocks");
    }
    if (text.empty()) return wrong(where, "text content blocks must be non-empty");
    if (is_blank(text)) return wrong(where, "text content blocks must contain non-whitespace text");
    const bj::array* citations = array_in(block, "citations");
    if (asked_.second_version && role_ == "user" && citations && !citations->empty()) {
      return wrong(path + ".text.citations", "citations are not supported in user messages in API version 2026-10-21");
    }
    return std::nullopt;
  }

  static std::optional<std::string> bytes_of(std::string_view data) {
    if (data.find_first_of("-_") != std::string_view::npos) return std::nullopt;
    return base64_decode(data);
  }

  static std::optional<Problem> check_url(const bj::object& source, const std::string& path) {
    if (text_in(source, "url").starts_with("https://")) return std::nullopt;
    return wrong(path + ".url.url", "Only HTTPS URLs are supported.");
  }

  static std::string_view sniffed(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
    if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
    if (bytes.starts_with("RIFF") && bytes.substr(std::min<std::size_t>(bytes.size(), 8)).starts_with("WEBP")) {
      return "image/webp";
    }
    return "";
  }

  static std::optional<Problem> check_image(const bj::object& source, const std::string& path) {
    std::string_view type = text_in(source, "type");
    if (type == "url") return check_url(source, path);
    if (type != "base64") return std::nullopt;
    auto bytes = bytes_of(text_in(source, "data"));
    if (!bytes || bytes->empty()) return wrong(path + ".base64.data", "invalid base64 data");
    std::string_view told = text_in(source, "media_type");
    std::string_view found = sniffed(*bytes);
    if (found == told) return std::nullopt;
    if (found.empty()) return wrong("", "Could not process image");
    return wrong(path + ".base64.data", "The image was specified using the " + std::string(told) +
                                            " media type, but the image appears to be a " + std::string(found) +
                                            " image");
  }

  std::optional<Problem> check_document(const bj::object& block, const std::string& path) const {
    const bj::object& source = *object_in(block, "source");
    std::string_view type = text_in(source, "type");
    if (type == "url") return check_url(source, path);
    if (type == "content") return check_all(source.at("content"), path + ".content.content");
    if (type == "text" && text_in(source, "data").empty()) {
      return wrong(path + ".text.data", "String should have at least 1 character");
    }
    if (type != "base64") return std::nullopt;
    auto bytes = bytes_of(text_in(source, "data"));
    if (!bytes || bytes->empty()) return wrong(path + ".base64.data", "invalid base64 data");
    if (!bytes->starts_with("%PDF-")) return wrong(path + ".base64.data", "The PDF specified was not valid.");
    return std::nullopt;
  }

  const Asked& asked_;
  std::string_view role_;  // empty: the system prompt
};

}  // namespace

std::optional<Problem> check_blocks(const Asked& asked) {
  if (const bj::value* system = asked.body.if_contains("system")) {
    if (auto problem = BlockCheck(asked, "").check_all(*system, "system")) return problem;
  }
  const bj::array& turns = asked.messages();
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const bj::object& turn = turns[i].get_object();
    std::string path = "messages." + std::to_string(i);
    const bj::value& content = turn.at("content");
    const bj::string* text = content.if_string();
    if (text && !text->empty() && is_blank(*text)) {
      return wrong("messages", "text content blocks must contain non-whitespace text");
    }
    auto problem = BlockCheck(asked, text_in(turn, "role")).check_all(content, path + ".content");
    if (problem) return problem;
  }
  return std::nullopt;
}

}  // namespace sluice::sim::anthropic
