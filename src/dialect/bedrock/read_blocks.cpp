// read_blocks() of request.h: the blocks of messages, system prompts and tool results.
#include "dialect/bedrock/formats.h"
#include "dialect/bedrock/request.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Part;
using chat::PartKind;
using chat::State;
using json::Escaped;
using Form = chat::Media::Form;

class BlockReader {
 public:
  BlockReader(Asking& ask, Within within) : ask_(ask), within_(within) {}

  void read(const std::string& path, std::vector<Part>& parts) {
    const std::size_t begin = ask_.cursor().offset();
    bool is_mark = false;
    ask_.member_of(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      is_mark = name == "cachePoint" && within_ != Within::kResult;
      if (!is_mark) return take(name, inner);
      const auto mark = read_cache_point(ask_, inner);
      if (!parts.empty()) {
        parts.back().cache = mark;
      } else {
        ask_.lose(inner, chat::Unplaced::kSilent);
      }
    });
    if (is_mark || !ask_.in.ok()) return;
    if (keeps_raw_) part_.raw = ask_.since(begin);
    parts.push_back(std::move(part_));
  }

 private:
  void take(const std::string& name, const std::string& path) {
    if (name == "text") return text(path);
    if (name == "guardContent" && within_ != Within::kResult) return guarded(path);
    if (within_ == Within::kSystem) return ask_.in.refuse(path, "is no block of a system prompt.");
    if (name == "image") return media(PartKind::kImage, path);
    if (name == "document") return document(path);
    if (name == "video") return media(PartKind::kVideo, path);
    if (name == "searchResult") return search_result(path);
    if (within_ == Within::kResult) {
      if (name == "json") return result_json();
      return ask_.in.refuse(path, "is no block of a tool's result.");
    }
    if (name == "audio") return media(PartKind::kAudio, path);
    if (name == "toolUse") return call(path);
    if (name == "toolResult") return result(path);
    if (name == "reasoningContent") return reasoning(path);
    if (name == "citationsContent") return cited(path);
    server_item();  // toolAddition, toolRemoval, and what is newer than this reader
  }

  void text(const std::string& path) {
    part_.kind = PartKind::kText;
    part_.text = ask_.in.string(path).value_or(Escaped{});
  }

  // A tool may tell a JSON value: elsewhere it is the value's text.
  void result_json() {
    part_.kind = PartKind::kText;
    part_.text = ask_.request.texts.escaped(ask_.in.any());
    keeps_raw_ = true;
  }

  void server_item() {
    part_.kind = PartKind::kServerItem;
    ask_.in.any();
    keeps_raw_ = true;
  }

  // What a guardrail is to look at.
  void guarded(const std::string& path) {
    keeps_raw_ = true;
    ask_.lose(path);
    ask_.member_of(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "image") return media(PartKind::kImage, inner);
      if (name != "text") return server_item();
      part_.kind = PartKind::kText;
      ask_.members(inner, [&](const std::string& member) {
        if (member == "text") part_.text = ask_.in.string(inner + ".text").value_or(Escaped{});
      });
    });
  }

  void media(PartKind kind, const std::string& path) {
    part_.kind = kind;
    Escaped format;
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "format") {
        format = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "source") {
        source(inner);
      } else if (name != "error") {
        ask_.take_other({}, inner);
      }
    });
    if (!ask_.in.ok()) return;
    if (format.empty()) return ask_.in.miss(path + ".format");
    part_.media.type = {type_of(kind, format.raw)};
    if (part_.media.type.empty()) ask_.in.refuse(path + ".format", "must be one of the formats of the API.");
  }

  void source(const std::string& path) {
    ask_.member_of(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "bytes") {
        part_.media.form = Form::kInline;
        part_.media.data = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "s3Location") {
        part_.media.form = Form::kFile;  // in a store that other providers cannot read
        s3_location(inner);
      } else if (name == "text" && part_.kind == PartKind::kDocument) {
        part_.media.form = Form::kText;
        part_.media.data = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "content" && part_.kind == PartKind::kDocument) {
        part_.media.form = Form::kText;
        part_.media.data = joined(inner);
        keeps_raw_ = true;
      } else {
        ask_.in.refuse(inner, "is no source of such a block.");
      }
    });
  }

  void s3_location(const std::string& path) {
    ask_.members(path, [&](const std::string& name) {
      if (name == "uri") part_.media.data = ask_.in.string(path + ".uri").value_or(Escaped{});
      if (name == "bucketOwner") keeps_raw_ = true;
    });
    if (part_.media.data.empty() && ask_.in.ok()) ask_.in.miss(path + ".uri");
  }

  // [{"text": …}, …] as one text.
  Escaped joined(const std::string& path) {
    std::string all;
    ask_.elements(path, [&](std::size_t, const std::string& element) {
      ask_.members(element, [&](const std::string& name) {
        if (name != "text") return;
        if (!all.empty()) all += "\\n\\n";
        all += ask_.in.string(element + ".text").value_or(Escaped{}).raw;
      });
    });
    return {ask_.request.texts.keep(std::move(all))};
  }

  void document(const std::string& path) {
    part_.kind = PartKind::kDocument;
    Escaped format;
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "format") {
        format = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "name") {
        part_.media.name = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "context") {
        part_.media.context = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "citations") {
        part_.citations = ask_.in.object(inner);
      } else if (name == "source") {
        source(inner);
      } else {
        ask_.take_other({}, inner);
      }
    });
    if (!ask_.in.ok()) return;
    part_.media.type = {type_of(PartKind::kDocument, format.empty() ? "txt" : format.raw)};
    if (part_.media.type.empty()) ask_.in.refuse(path + ".format", "must be one of the formats of the API.");
  }

  // What a search found, as a document of text.
  void search_result(const std::string& path) {
    keeps_raw_ = true;
    ask_.lose(path);
    part_.kind = PartKind::kDocument;
    part_.media.form = Form::kText;
    part_.media.type = {type_of(PartKind::kDocument, "txt")};
    ask_.members(path, [&](const std::string& name) {
      if (name == "title") part_.media.name = ask_.in.string(path + ".title").value_or(Escaped{});
      if (name == "source") part_.media.context = ask_.in.string(path + ".source").value_or(Escaped{});
      if (name == "content") part_.media.data = joined(path + ".content");
      if (name == "citations") part_.citations = ask_.in.object(path + ".citations");
    });
  }

  void call(const std::string& path) {
    part_.kind = PartKind::kCall;
    part_.arguments = "{}";
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "toolUseId") {
        part_.id = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "name") {
        part_.name = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "input") {
        part_.arguments = ask_.in.object(inner);
      } else if (name == "type") {
        of_server();
      } else {
        ask_.take_other({}, inner);
      }
    });
    if (!ask_.in.ok()) return;
    if (part_.id.empty()) return ask_.in.miss(path + ".toolUseId");
    if (part_.name.empty()) ask_.in.miss(path + ".name");
  }

  // The provider ran the tool itself.
  void of_server() {
    ask_.in.any();
    part_.kind = PartKind::kServerItem;
    keeps_raw_ = true;
  }

  void result(const std::string& path) {
    part_.kind = PartKind::kResult;
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "toolUseId") {
        part_.id = ask_.in.string(inner).value_or(Escaped{});
      } else if (name == "content") {
        read_blocks(ask_, Within::kResult, inner, part_.content);
      } else if (name == "status") {
        part_.is_error = ask_.in.string(inner).value_or(Escaped{}).raw == "error";
      } else if (name == "type") {
        of_server();
      } else {
        ask_.take_other({}, inner);
      }
    });
    if (ask_.in.ok() && part_.id.empty()) ask_.in.miss(path + ".toolUseId");
  }

  void reasoning(const std::string& path) {
    part_.kind = PartKind::kReasoning;
    ask_.member_of(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "redactedContent") {
        part_.state = {.kind = State::Kind::kRedacted, .data = ask_.in.string(inner).value_or(Escaped{})};
      } else if (name == "reasoningText") {
        part_.state.kind = State::Kind::kPlain;
        ask_.members(inner, [&](const std::string& member) {
          if (member == "text") part_.text = ask_.in.string(inner + ".text").value_or(Escaped{});
          if (member != "signature") return;
          part_.state.data = ask_.in.string(inner + ".signature").value_or(Escaped{});
          if (!part_.state.data.empty()) part_.state.kind = State::Kind::kSignature;
        });
      } else {
        server_item();
      }
    });
  }

  void cited(const std::string& path) {
    keeps_raw_ = true;
    part_.kind = PartKind::kText;
    ask_.members(path, [&](const std::string& name) {
      if (name == "content") part_.text = without_gaps(path + ".content");
      if (name == "citations") part_.citations = ask_.in.any();
    });
  }

  // The texts that an answer with citations consists of follow each other directly.
  Escaped without_gaps(const std::string& path) {
    std::string all;
    ask_.elements(path, [&](std::size_t, const std::string& element) {
      ask_.members(element, [&](const std::string& name) {
        if (name == "text") all += ask_.in.string(element + ".text").value_or(Escaped{}).raw;
      });
    });
    return {ask_.request.texts.keep(std::move(all))};
  }

  Asking& ask_;
  Within within_;
  Part part_;
  bool keeps_raw_ = false;
};

}  // namespace

void read_blocks(Asking& ask, Within within, const std::string& path, std::vector<Part>& parts) {
  ask.elements(path, [&](std::size_t, const std::string& block) { BlockReader(ask, within).read(block, parts); });
}

chat::CacheMark read_cache_point(Asking& ask, const std::string& path) {
  auto mark = chat::CacheMark::kShort;
  ask.members(path, [&](const std::string& name) {
    if (name == "ttl" && ask.in.string(path + ".ttl").value_or(Escaped{}).raw == "1h") mark = chat::CacheMark::kLong;
  });
  return mark;
}

}  // namespace sluice::dialect::bedrock
