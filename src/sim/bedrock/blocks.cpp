#include "sim/bedrock/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/dom.h"
#include "sim/text.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::size_t kMostDocuments = 5;
constexpr std::size_t kMostImages = 20;
constexpr std::size_t kMostCachePoints = 4;
constexpr std::size_t kMarkSize = 44;  // of vouch()

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Problem returned(const std::string& path, std::string after) {
  return broken_rule("The model returned the following errors: ", path, std::move(after));
}

std::optional<Problem> check_bytes(const bj::object& source, const std::string& path) {
  const auto* bytes = source.if_contains("bytes");
  if (!bytes || from_base64(bytes->get_string())) return std::nullopt;
  return broken_rule("The value at ", path + ".bytes", " is not valid base64.");
}

std::optional<Problem> check_place_of_data(const bj::object& source, const std::string& path) {
  const auto* place = source.if_contains("s3Location");
  if (!place) return std::nullopt;
  std::string_view uri = text_in(place->get_object(), "uri");
  if (!uri.starts_with("s3://") || uri.size() < 6 || uri[5] == '/') {
    return broken_pattern(path + ".s3Location.uri", uri, "s3://[a-z0-9][\\.\\-a-z0-9]{1,61}[a-z0-9](/.*)?");
  }
  const auto* owner = place->get_object().if_contains("bucketOwner");
  if (owner && !std::ranges::all_of(owner->get_string(), [](char c) { return c >= '0' && c <= '9'; })) {
    return broken_pattern(path + ".s3Location.bucketOwner", owner->get_string(), "[0-9]{12}");
  }
  return std::nullopt;
}

// The format an image's first bytes tell; empty for bytes of another kind.
std::string_view format_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG")) return "png";
  if (bytes.starts_with("\xff\xd8\xff")) return "jpeg";
  if (bytes.starts_with("GIF8")) return "gif";
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return "webp";
  return "";
}

std::optional<Problem> check_media(const bj::object& media, const std::string& path) {
  const auto& source = media.at("source").get_object();
  if (auto problem = check_bytes(source, path + ".source")) return problem;
  return check_place_of_data(source, path + ".source");
}

std::optional<Problem> check_image(const bj::object& image, const std::string& path, SeenBlocks& seen) {
  if (auto problem = check_media(image, path)) return problem;
  if (++seen.images > kMostImages) {
    return returned(
        "", fmt::format("too many images and documents: {} + {} > {}", seen.images, seen.documents, kMostImages));
  }
  const auto* bytes = image.at("source").get_object().if_contains("bytes");
  if (!bytes) return std::nullopt;
  std::string_view is = format_of(from_base64(bytes->get_string()).value_or(""));
  std::string_view said = text_in(image, "format");
  if (is.empty() || is == said) return std::nullopt;
  return returned(path, fmt::format(".source.bytes: The image was specified using the image/{} media type, but the "
                                    "image appears to be a image/{} image",
                                    said, is));
}

bool is_document_name(std::string_view name) {
  auto fits = [](char c) { return is_letter_or_digit(c) || std::string_view(" \t\n-()[]_").contains(c); };
  auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  for (std::size_t i = 1; i < name.size(); ++i) {
    if (space(name[i]) && space(name[i - 1])) return false;
  }
  return std::ranges::all_of(name, fits);
}

std::optional<Problem> check_document(const bj::object& document, const std::string& path, SeenBlocks& seen) {
  if (!is_document_name(text_in(document, "name"))) {
    return broken_rule("", "",
                       "The document file name can only contain alphanumeric characters, whitespace characters, "
                       "hyphens, parentheses, and square brackets. The name can't contain more than one consecutive "
                       "whitespace character.");
  }
  if (!seen.document_names.emplace(text_in(document, "name")).second) {
    return broken_rule("", "",
                       "Messages can't contain duplicate document names. Rename the document and retry your request.");
  }
  if (++seen.documents > kMostDocuments) {
    return broken_rule("", "", fmt::format("You can't include more than {} documents in a request.", kMostDocuments));
  }
  const auto& source = document.at("source").get_object();
  const auto* content = source.if_contains("content");
  if (content && content->get_array().empty()) {
    return broken_rule("The content field in the DocumentSource object at ", path + ".source", " is empty.");
  }
  return check_media(document, path);
}

std::optional<Problem> check_tool_use(const bj::object& use, const std::string& path, SeenBlocks& seen) {
  seen.has_tool_blocks = true;
  if (!is_tool_name(text_in(use, "name"))) {
    return broken_pattern(path + ".name", text_in(use, "name"), "[a-zA-Z0-9_-]+");
  }
  if (!is_document(use.at("input"))) {
    return broken_rule("The format of the value at ", path + ".input",
                       " is invalid. Provide a json object for the field and try again.");
  }
  if (is_altered("tooluse_", text_in(use, "toolUseId"), text_in(use, "name"), bj::serialize(use.at("input")))) {
    return returned(path,
                    ": a `tool_use` block cannot be modified. It must remain as it was in the original response.");
  }
  return std::nullopt;
}

std::optional<Problem> check_result_part(const bj::object& part, const std::string& path, SeenBlocks& seen) {
  const auto& member = *part.begin();
  const std::string inner = path + "." + std::string(member.key());
  if (member.key() == "image") return check_image(member.value().get_object(), inner, seen);
  if (member.key() == "document") return check_document(member.value().get_object(), inner, seen);
  if (member.key() == "video") return check_media(member.value().get_object(), inner);
  if (member.key() == "json" && !is_document(member.value())) {
    return broken_rule("The format of the value at ", inner,
                       " is invalid. Provide a json object for the field and try again.");
  }
  return std::nullopt;
}

std::optional<Problem> check_tool_result(const bj::object& result, const std::string& path, SeenBlocks& seen) {
  seen.has_tool_blocks = true;
  std::size_t index = 0;
  for (const auto& part : result.at("content").get_array()) {
    auto problem = check_result_part(part.get_object(), fmt::format("{}.content[{}]", path, index++), seen);
    if (problem) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_reasoning(const bj::object& reasoning, const std::string& path) {
  if (const auto* redacted = reasoning.if_contains("redactedContent")) {
    auto data = from_base64(redacted->get_string());
    if (!data) return broken_rule("The value at ", path + ".redactedContent", " is not valid base64.");
    std::string_view hidden = *data;
    if (hidden.size() < kMarkSize ||
        hidden.substr(0, kMarkSize) != vouch("bedrock redacted", hidden.substr(kMarkSize))) {
      return returned(path, ": Invalid `data` in `redacted_thinking` block");
    }
    return std::nullopt;
  }
  const auto& said = reasoning.at("reasoningText").get_object();
  const auto* signature = said.if_contains("signature");
  if (!signature) return returned(path, ".thinking.signature: Field required");
  if (std::string_view(signature->get_string()) == vouch("bedrock reasoning", text_in(said, "text"))) {
    return std::nullopt;
  }
  return returned(path, ": Invalid `signature` in `thinking` block");
}

std::optional<Problem> check_text(std::string_view text, const std::string& path, std::string_view holder) {
  if (!is_blank(text)) return std::nullopt;
  return broken_rule(fmt::format("The text field in the {} object at ", holder), path,
                     " is blank. Add text to the text field, and try again.");
}

std::optional<Problem> check_guard(const bj::object& guard, const std::string& path) {
  const auto* text = guard.if_contains("text");
  if (text) return check_text(text->get_object().at("text").get_string(), path + ".text", "GuardrailConverseTextBlock");
  return check_bytes(guard.at("image").get_object().at("source").get_object(), path + ".image.source");
}

// Who may say what.
struct BlockRule {
  std::string_view block;
  std::string_view roles;  // between spaces
};
constexpr BlockRule kBlockRules[] = {
    {"text", " user assistant system "},
    {"cachePoint", " user assistant system "},
    {"guardContent", " user system "},
    {"image", " user "},
    {"document", " user "},
    {"video", " user "},
    {"audio", " user "},
    {"searchResult", " user "},
    {"toolResult", " user assistant "},  // an assistant's are those of the provider's own tools
    {"toolUse", " assistant "},
    {"reasoningContent", " assistant "},
    {"citationsContent", " assistant "},
    {"toolAddition", " system "},
    {"toolRemoval", " system "},
};

std::optional<Problem> check_role(std::string_view block, const std::string& path, std::string_view role) {
  auto rule = std::ranges::find(kBlockRules, block, &BlockRule::block);
  if (rule != std::end(kBlockRules) && rule->roles.contains(fmt::format(" {} ", role))) return std::nullopt;
  return broken_rule(fmt::format("The {} field in the ContentBlock object at ", block), path,
                     fmt::format(" can't be in a message with the role {}. Remove the field and try again.", role));
}

}  // namespace

Problem broken_rule(std::string before, std::string path, std::string after) {
  return {std::move(before), std::move(path), std::move(after), "rule"};
}

Problem broken_pattern(const std::string& path, std::string_view value, std::string_view pattern) {
  return {"", path, fmt::format("{}\n{}", value, pattern), "pattern"};
}

bool is_tool_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

bool is_document(const bj::value& value) {
  auto clean = [](const bj::value& inner, const auto& self) -> bool {
    if (const auto* list = inner.if_array()) {
      return std::ranges::all_of(*list, [&](const bj::value& item) { return self(item, self); });
    }
    const auto* object = inner.if_object();
    if (!object) return true;
    return !object->contains("__type") &&
           std::ranges::all_of(*object, [&](const auto& member) { return self(member.value(), self); });
  };
  return value.is_object() && clean(value, clean);
}

std::optional<Problem> check_cache_point(const bj::object& point, const std::string& path, SeenBlocks& seen) {
  if (++seen.cache_points > kMostCachePoints) {
    return returned("", fmt::format("A maximum of {} blocks with cache_control may be provided. Found {}.",
                                    kMostCachePoints, seen.cache_points));
  }
  const auto* ttl = point.if_contains("ttl");
  bool hour = ttl && ttl->get_string() == "1h";
  if (hour && seen.short_cache) {
    return returned(path, ": a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.");
  }
  seen.short_cache = seen.short_cache || !hour;
  return std::nullopt;
}

std::optional<Problem> check_system_block(const bj::object& block, const std::string& path, SeenBlocks& seen) {
  const auto& member = *block.begin();
  const std::string inner = path + "." + std::string(member.key());
  if (member.key() == "text") return check_text(member.value().get_string(), path, "SystemContentBlock");
  if (member.key() == "guardContent") return check_guard(member.value().get_object(), inner);
  return check_cache_point(member.value().get_object(), inner, seen);
}

std::optional<Problem> check_block(const bj::object& block, const std::string& path, std::string_view role,
                                   SeenBlocks& seen) {
  const auto& member = *block.begin();
  const std::string_view key = member.key();
  if (auto problem = check_role(key, path, role)) return problem;
  if (key == "text") return check_text(member.value().get_string(), path, "ContentBlock");
  const auto& inside = member.value().get_object();
  const std::string inner = fmt::format("{}.{}", path, key);
  if (key == "cachePoint") return check_cache_point(inside, inner, seen);
  if (key == "guardContent") return check_guard(inside, inner);
  if (key == "image") return check_image(inside, inner, seen);
  if (key == "document") return check_document(inside, inner, seen);
  if (key == "video" || key == "audio") return check_media(inside, inner);
  if (key == "toolUse") return check_tool_use(inside, inner, seen);
  if (key == "toolResult") return check_tool_result(inside, inner, seen);
  if (key == "reasoningContent") return check_reasoning(inside, path);
  return std::nullopt;
}

}  // namespace sluice::sim
