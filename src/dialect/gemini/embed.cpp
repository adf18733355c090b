// Embeddings of the Gemini API, and of Vertex AI, which asks for them by :predict.
//
// Source: EmbedContentRequest, BatchEmbedContentsRequest of the Gemini API's reference; the text embeddings API of
// Vertex AI.
#include "dialect/gemini/embed.h"

#include <array>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/gemini/request.h"
#include "dialect/gemini/usage.h"
#include "dialect/gemini/write.h"
#include "json/reader.h"

namespace sluice::dialect::gemini {

namespace {

using chat::EmbedRequest;
using chat::Escaped;

// ---- a client's request

class EmbedReader {
 public:
  EmbedReader(std::string_view body, json::Cursor& cursor) : ask_(body, cursor) {}

  Result<EmbedRequest> read(Kind kind) {
    if (kind == Kind::kEmbed) {
      out_.single = true;
      read_one("");
    } else {
      ask_.each_member("", [&](const std::string& name) {
        if (name != "requests") return take_other(name, "");
        ask_.each_element("requests", [&](std::size_t index) { read_one(at("requests", index)); });
      });
    }
    if (out_.inputs.empty()) ask_.in.miss(kind == Kind::kEmbed ? "content" : "requests");
    if (auto done = ask_.in.finish(); !done) return fail_from(done);
    for (auto& lost : ask_.request.lost) out_.lost.push_back(std::move(lost));
    return std::move(out_);
  }

 private:
  static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  void read_one(const std::string& path) {
    std::string text;
    bool given = false;
    Escaped purpose, title;
    std::string_view dimensions;
    ask_.each_member(path, [&](const std::string& name) {
      const std::string own = below(path, name);
      if (name == "content") {
        given = !ask_.in.is_null();
        text = read_content(own);
      } else if (name == "taskType") {
        purpose = ask_.in.string(own).value_or(Escaped{});
      } else if (name == "title") {
        title = ask_.in.string(own).value_or(Escaped{});
      } else if (name == "outputDimensionality") {
        dimensions = ask_.number(own);
      } else {
        take_other(name, path);
      }
    });
    if (!given) return ask_.in.miss(below(path, "content"));
    // One request of the canonical form has one purpose, title and size.
    if (!out_.inputs.empty() && (purpose != out_.purpose || title != out_.title || dimensions != out_.dimensions)) {
      return ask_.in.refuse(path, "must ask for the same taskType, title and outputDimensionality as the first one.");
    }
    out_.purpose = purpose;
    out_.title = title;
    out_.dimensions = dimensions;
    out_.inputs.push_back({out_.texts.keep(std::move(text))});
  }

  // The texts of a content's parts, one after the other.
  std::string read_content(const std::string& path) {
    std::string text;
    ask_.each_member(path, [&](const std::string& name) {
      if (name != "parts") {
        ask_.in.any();
        return;
      }
      const std::string parts = path + ".parts";
      ask_.each_element(parts, [&](std::size_t index) {
        ask_.each_member(at(parts, index), [&](const std::string& kind) {
          const std::string own = at(parts, index, kind);
          if (kind == "text") {
            text += ask_.in.string(own).value_or(Escaped{}).raw;
          } else if (kind == "inlineData" || kind == "fileData") {
            ask_.in.any();
            ask_.in.refuse(own, "is not supported: only texts can be embedded.");
          }
        });
      });
    });
    return text;
  }

  void take_other(const std::string& name, const std::string& path) {
    const FieldRow* row = find_path(embed_fields(), name);
    const bool given = !ask_.in.is_null();
    ask_.in.any();
    const auto unplaced = row != nullptr ? row->unplaced : chat::Unplaced::kDropped;
    if (given) lose(ask_.request.lost, below(path, name), unplaced);
  }

  Ask ask_;
  EmbedRequest out_;
};

// ---- a provider's

// The words of other APIs for what a text is for.
std::string_view purpose_of(std::string_view word) {
  struct Purpose {
    std::string_view word, own;
  };
  constexpr std::array<Purpose, 14> kPurposes{{{"search_query", "RETRIEVAL_QUERY"},
                                               {"search_document", "RETRIEVAL_DOCUMENT"},
                                               {"query", "RETRIEVAL_QUERY"},
                                               {"document", "RETRIEVAL_DOCUMENT"},
                                               {"classification", "CLASSIFICATION"},
                                               {"clustering", "CLUSTERING"},
                                               {"RETRIEVAL_QUERY", "RETRIEVAL_QUERY"},
                                               {"RETRIEVAL_DOCUMENT", "RETRIEVAL_DOCUMENT"},
                                               {"SEMANTIC_SIMILARITY", "SEMANTIC_SIMILARITY"},
                                               {"CLASSIFICATION", "CLASSIFICATION"},
                                               {"CLUSTERING", "CLUSTERING"},
                                               {"QUESTION_ANSWERING", "QUESTION_ANSWERING"},
                                               {"FACT_VERIFICATION", "FACT_VERIFICATION"},
                                               {"CODE_RETRIEVAL_QUERY", "CODE_RETRIEVAL_QUERY"}}};
  for (const Purpose& purpose : kPurposes) {
    if (purpose.word == word) return purpose.own;
  }
  return {};
}

void write_batch(const EmbedRequest& request, std::string_view purpose, std::string_view model, json::Writer& json) {
  json.begin_object().key("requests").begin_array();
  for (const Escaped input : request.inputs) {
    json.begin_object().key("model").text("models/" + std::string(bare_model(model)));
    json.key("content").begin_object().key("parts").begin_array();
    json.begin_object().key("text").text(input).end_object();
    json.end_array().end_object();
    if (!purpose.empty()) json.key("taskType").text(purpose);
    if (!request.title.empty()) json.key("title").text(request.title);
    if (!request.dimensions.empty()) json.key("outputDimensionality").raw(request.dimensions);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_predict(const EmbedRequest& request, std::string_view purpose, json::Writer& json) {
  json.begin_object().key("instances").begin_array();
  for (const Escaped input : request.inputs) {
    json.begin_object().key("content").text(input);
    if (!purpose.empty()) json.key("task_type").text(purpose);
    if (!request.title.empty()) json.key("title").text(request.title);
    json.end_object();
  }
  json.end_array();
  if (!request.dimensions.empty()) {
    json.key("parameters").begin_object().key("outputDimensionality").raw(request.dimensions).end_object();
  }
  json.end_object();
}

// ---- its answer

class EmbeddingsReader {
 public:
  explicit EmbeddingsReader(json::Cursor& cursor) : cursor_(cursor) {}

  chat::Embeddings read() {
    json::each_member(cursor_, [&](std::string_view key) {
      if (key == "embedding") {
        read_vector();
      } else if (key == "embeddings") {
        json::each_element(cursor_, [&](std::size_t) { read_vector(); });
      } else if (key == "predictions") {
        json::each_element(cursor_, [&](std::size_t) {
          json::each_member(cursor_, [&](std::string_view name) {
            if (name == "embeddings") read_vector();
          });
        });
      } else if (key == "usageMetadata") {
        chat::Learned learned;
        read_usage(cursor_, learned);
        out_.usage = learned.usage;
      }
    });
    if (out_.usage.source == chat::UsageSource::kNone && tokens_ > 0) {
      out_.usage.source = chat::UsageSource::kProvider;
      out_.usage.input = tokens_;
    }
    return std::move(out_);
  }

 private:
  void read_vector() {
    chat::Embeddings::Vector& vector = out_.vectors.emplace_back();
    json::each_member(cursor_, [&](std::string_view key) {
      if (key == "values" && cursor_.kind() == json::Kind::kArray) {
        vector.numbers = cursor_.skip();
      } else if (key == "statistics") {
        json::each_member(cursor_, [&](std::string_view name) {
          if (name == "tokenCount" || name == "token_count") tokens_ += take_count(cursor_).value_or(0);
        });
      }
    });
  }

  json::Cursor& cursor_;
  chat::Embeddings out_;
  std::uint64_t tokens_ = 0;
};

}  // namespace

Result<EmbedRequest> read_embed(Kind kind, std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return broken(cursor.error());
  return EmbedReader(body, *cursor).read(kind);
}

Result<Outgoing> write_embed(const EmbedRequest& request, const Target& target, Platform platform) {
  if (!request.token_inputs.empty()) {
    return unsupported("input", "of token numbers is not supported", target.provider, target.model);
  }
  Outgoing out;
  out.lost = request.lost;
  const std::string_view purpose = purpose_of(request.purpose.raw);
  if (purpose.empty() && !request.purpose.empty()) lose(out.lost, "input_type");
  json::Writer json(out.body);
  if (platform == Platform::kVertex) {
    write_predict(request, purpose, json);
  } else {
    write_batch(request, purpose, target.model, json);
  }
  return out;
}

Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan_copy(body);
  if (!cursor) return not_json("The answer", cursor.error());
  chat::Embeddings embeddings = EmbeddingsReader(*cursor).read();
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  return embeddings;
}

std::string write_embeddings(Kind kind, const chat::Embeddings& embeddings) {
  std::string out;
  json::Writer json(out);
  auto write = [&](const chat::Embeddings::Vector& vector) {
    json.begin_object().key("values").raw(chat::numbers_of(vector)).end_object();
  };
  json.begin_object();
  if (kind == Kind::kEmbed && !embeddings.vectors.empty()) {
    json.key("embedding");
    write(embeddings.vectors.front());
  } else {
    json.key("embeddings").begin_array();
    for (const auto& vector : embeddings.vectors) write(vector);
    json.end_array();
  }
  if (embeddings.usage.source != chat::UsageSource::kNone) {
    json.key("usageMetadata").begin_object();
    json.key("promptTokenCount").number(embeddings.usage.input);
    json.key("totalTokenCount").number(embeddings.usage.input).end_object();
  }
  json.end_object();
  return out;
}

}  // namespace sluice::dialect::gemini
