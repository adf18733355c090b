#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/text.h"
#include "sim/cohere/answer.h"
#include "sim/cohere/shapes.h"
#include "sim/dom.h"
#include "sim/reply.h"
#include "sim/text.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::size_t kDimensions = 16;

// Bytes that depend on the input alone, one for each dimension: all kinds of embeddings are made of them.
std::vector<std::int8_t> numbers_of(std::string_view input, std::size_t count) {
  std::vector<std::int8_t> numbers;
  for (std::size_t round = 0; numbers.size() < count; ++round) {
    for (std::uint8_t byte : sha256(fmt::format("{} {}", round, input))) {
      if (numbers.size() < count) numbers.push_back(static_cast<std::int8_t>(byte));
    }
  }
  return numbers;
}

float fraction(std::int8_t number) {
  return static_cast<float>(number) / 128.0F;
}

// Eight dimensions a byte, the first one highest.
std::vector<int> packed(const std::vector<std::int8_t>& numbers, bool is_signed) {
  std::vector<int> bytes((numbers.size() + 7) / 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] > 0) bytes[i / 8] |= 0x80 >> i % 8;
  }
  if (is_signed) {
    for (int& byte : bytes) byte -= 128;
  }
  return bytes;
}

std::string base64_of(const std::vector<std::int8_t>& numbers) {
  std::string bytes;
  for (std::int8_t number : numbers) {
    auto bits = std::bit_cast<std::uint32_t>(fraction(number));
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return json_string(base64(bytes));
}

std::string embedding(const std::vector<std::int8_t>& numbers, std::string_view type) {
  if (type == "base64") return base64_of(numbers);
  if (type == "binary" || type == "ubinary")
    return fmt::format("[{}]", fmt::join(packed(numbers, type == "binary"), ","));
  std::vector<std::string> items;
  for (std::int8_t number : numbers) {
    if (type == "float") items.push_back(fmt::format("{}", fraction(number)));
    if (type == "int8") items.push_back(fmt::format("{}", number));
    if (type == "uint8") items.push_back(fmt::format("{}", number + 128));
  }
  return fmt::format("[{}]", fmt::join(items, ","));
}

std::string meta(std::string_view version, std::string_view billed) {
  return fmt::format(R"({{"api_version":{{"version":"{}"}},"billed_units":{}}})", version, billed);
}

std::vector<std::string> types_of(const bj::object& request) {
  std::vector<std::string> types;
  for (const auto& type : list_in(request, "embedding_types")) {
    if (type.is_string()) types.emplace_back(type.get_string());
  }
  if (types.empty()) types.emplace_back("float");
  return types;
}

std::string billed_units(const Script& script, const std::string& counted) {
  return script.usage_report == UsageReport::kGiven ? script.usage : counted;
}

// ---- reranking ----

std::string text_of_document(const bj::value& document) {
  std::string text(text_of(&document));
  for (const auto& member : as_object(document)) {
    if (member.value().is_string()) text += std::string(member.value().get_string()) + " ";
  }
  return text;
}

double relevance(std::string_view query, std::string_view document) {
  std::size_t words = 0;
  std::size_t found = 0;
  for (auto word : split(query, ' ')) {
    if (word.empty()) continue;
    ++words;
    found += lower(document).contains(lower(word)) ? 1 : 0;
  }
  return words == 0 ? 0 : static_cast<double>(found) / static_cast<double>(words);
}

struct Ranked {
  std::size_t index;
  double score;
};

std::vector<Ranked> ranked(const Ask& ask, const bj::array& documents) {
  std::vector<Ranked> order;
  for (const auto& document : documents)
    order.push_back({order.size(), relevance(ask.text, text_of_document(document))});
  std::ranges::sort(order, [](const Ranked& a, const Ranked& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  });
  const auto* most = ask.body->if_contains("top_n");
  if (most && most->is_int64() && most->get_int64() >= 0 &&
      static_cast<std::size_t>(most->get_int64()) < order.size()) {
    order.resize(static_cast<std::size_t>(most->get_int64()));
  }
  return order;
}

}  // namespace

Answer cohere_embed_answer(const Ask& ask, const Script& script, const Signature& signature) {
  auto count = ask.dimensions > 0 ? static_cast<std::size_t>(ask.dimensions) : kDimensions;
  static const bj::object kNothing;
  const bj::object& request = ask.body ? *ask.body : kNothing;
  std::vector<std::string> kinds;
  for (const auto& type : types_of(request)) {
    std::vector<std::string> rows;
    rows.reserve(ask.inputs.size());
    for (const auto& input : ask.inputs) rows.push_back(embedding(numbers_of(input, count), type));
    kinds.push_back(fmt::format("{}:[{}]", json_string(type), fmt::join(rows, ",")));
  }
  std::string out = fmt::format(R"({{"id":{},"embeddings":{{{}}})", json_string(signature.id), fmt::join(kinds, ","));
  out +=
      fmt::format(R"(,"texts":[{}])", request.contains("texts") ? fmt::format("{}", fmt::join(ask.inputs, ",")) : "");
  out += R"(,"response_type":"embeddings_by_type")";
  std::string billed = billed_units(script, fmt::format(R"({{"input_tokens":{}}})", tokens(ask.prompt_bytes)));
  bool reports = script.usage_report != UsageReport::kNone;
  if (reports) out += R"(,"meta":)" + meta("2", billed);
  Answer answer = whole({.bytes = out + "}"});
  if (reports) answer.usage = billed;
  return answer;
}

Answer cohere_rerank_answer(const Ask& ask, const Script& script, const Signature& signature) {
  static const bj::object kNothing;
  const bj::object& request = ask.body ? *ask.body : kNothing;
  const bj::array& list = list_in(request, "documents");
  const bool back = flag_in(request, "return_documents");
  std::vector<std::string> results;
  for (const Ranked& one : list.empty() ? std::vector<Ranked>() : ranked(ask, list)) {
    std::string document;
    if (back) {
      const auto& value = list[one.index];
      document =
          R"(,"document":)" + (value.is_string() ? R"({"text":)" + bj::serialize(value) + "}" : bj::serialize(value));
    }
    results.push_back(fmt::format(R"({{"index":{},"relevance_score":{}{}}})", one.index, one.score, document));
  }
  bool first_version = ask.place.id == kFirstVersion;
  std::string out = fmt::format(R"({{"id":{},"results":[{}])", json_string(signature.id), fmt::join(results, ","));
  std::string billed = billed_units(script, R"({"search_units":1})");
  bool reports = script.usage_report != UsageReport::kNone;
  if (reports) out += R"(,"meta":)" + meta(first_version ? "1" : "2", billed);
  Answer answer = whole({.bytes = out + "}"});
  if (reports) answer.usage = billed;
  return answer;
}

}  // namespace sluice::sim
