#include "dialect/bedrock/blocks.h"

#include "base/base64.h"
#include "base/digest.h"
#include "chat/cited.h"
#include "dialect/bedrock/citation.h"
#include "dialect/bedrock/formats.h"
#include "dialect/faults.h"
#include "json/escaped.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Piece;
using chat::PieceKind;
using chat::State;
using json::Escaped;

constexpr std::size_t kMostCitations = 1000;  // of one text

// The text from `begin` to the last token that was read.
std::string_view since(std::string_view text, const json::Cursor& cursor, std::size_t begin) {
  return text.substr(begin, cursor.end_of_last() - begin);
}

Escaped take(json::Cursor& cursor) {
  return json::take_string(cursor).value_or(Escaped{});
}

Piece state_piece(State::Kind kind, Escaped data) {
  return {.kind = PieceKind::kState, .state = {.kind = kind, .data = data, .origin = {}}};
}

// Base64 of several blobs as one. Blobs that came as one stay as they are.
std::string joined_blobs(std::string_view kept) {
  if (kept.find(' ') == std::string_view::npos) return std::string(kept);
  std::string bytes;
  while (!kept.empty()) {
    const auto end = std::min(kept.find(' '), kept.size());
    bytes += base64_decode(kept.substr(0, end)).value_or("");
    kept.remove_prefix(std::min(end + 1, kept.size()));
  }
  return base64(bytes);
}

void tell_image(std::string_view format, Escaped bytes, const Blocks::Tell& tell) {
  const std::string_view type = type_of(chat::PartKind::kImage, format);
  if (bytes.empty()) return;
  Piece piece{.kind = PieceKind::kMedia};
  piece.media.form = chat::Media::Form::kInline;
  piece.media.type = {type.empty() ? "image/png" : type};
  piece.media.data = bytes;
  tell(piece);
}

Escaped take_image_bytes(json::Cursor& cursor) {
  Escaped bytes;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "bytes") bytes = take(cursor);
  });
  return bytes;
}

void whole_image(json::Cursor& cursor, const Blocks::Tell& tell) {
  Escaped format;
  Escaped bytes;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "format") format = take(cursor);
    if (key == "source") bytes = take_image_bytes(cursor);
  });
  tell_image(format.raw, bytes, tell);
}

}  // namespace

// ---- whole blocks

void Blocks::whole_reasoning(json::Cursor& cursor, const Tell& tell) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "redactedContent") return tell(state_piece(State::Kind::kRedacted, take(cursor)));
    if (key != "reasoningText") return;
    Escaped text;
    Escaped signature;
    json::each_member(cursor, [&](std::string_view inner) {
      if (inner == "text") text = take(cursor);
      if (inner == "signature") signature = take(cursor);
    });
    if (!text.empty()) tell({.kind = PieceKind::kReasoning, .text = text});
    tell(state_piece(signature.empty() ? State::Kind::kPlain : State::Kind::kSignature, signature));
  });
}

void Blocks::whole_call(std::string_view block, json::Cursor& cursor, chat::Texts& texts, const Tell& tell) {
  Piece call{.kind = PieceKind::kCall};
  std::string_view input = "{}";
  bool of_server = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "toolUseId") call.id = take(cursor);
    if (key == "name") call.name = take(cursor);
    if (key == "input") input = cursor.skip();
    if (key == "type") of_server = !take(cursor).empty();
  });
  if (of_server) return tell({.kind = PieceKind::kServerItem, .raw = block});
  has_calls_ = true;
  tell(call);
  tell({.kind = PieceKind::kArguments, .text = texts.escaped(input)});
}

void Blocks::whole_cited(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell) {
  std::string said;
  std::vector<chat::Citation> citations;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "content") {
      json::each_element(cursor, [&](std::size_t) {
        json::each_member(cursor, [&](std::string_view inner) {
          if (inner == "text") said += take(cursor).raw;
        });
      });
    } else if (key == "citations") {
      json::each_element(cursor, [&](std::size_t) { citations.push_back(read_citation(text, cursor, texts)); });
    }
  });
  if (!said.empty()) tell({.kind = PieceKind::kText, .text = {texts.keep(std::move(said))}, .begins_block = true});
  for (const chat::Citation& citation : citations) tell({.kind = PieceKind::kCitation, .citation = citation});
}

void Blocks::whole(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell) {
  // A block of a tool that the provider ran is told as it is: its text is needed before it has been walked.
  json::Cursor ahead = cursor;
  const std::string_view block = ahead.skip();
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "text") {
      const Escaped said = take(cursor);
      if (!said.empty()) tell({.kind = PieceKind::kText, .text = said, .begins_block = true});
    } else if (key == "toolUse") {
      whole_call(block, cursor, texts, tell);
    } else if (key == "reasoningContent") {
      whole_reasoning(cursor, tell);
    } else if (key == "citationsContent") {
      whole_cited(text, cursor, texts, tell);
    } else if (key == "image") {
      whole_image(cursor, tell);
    } else if (cursor.kind() != json::Kind::kNull) {
      cursor.skip();
      tell({.kind = PieceKind::kServerItem, .raw = block});
    }
  });
}

// ---- blocks that grow

bool Blocks::keep(std::string& where, std::string_view more) {
  if (start_.size() + kept_.size() + more.size() > most_) {
    overflowed_ = true;
    return false;
  }
  where += more;
  return true;
}

void Blocks::switch_to(Open kind, chat::Texts& texts, const Tell& tell) {
  if (open_ == kind) return;
  stop(texts, tell);
  open_ = kind;
}

void Blocks::stop(chat::Texts& texts, const Tell& tell) {
  switch (open_) {
    case Open::kReasoning: {
      const auto kind = kept_.empty() ? State::Kind::kPlain : State::Kind::kSignature;
      tell(state_piece(kind, {texts.keep(std::move(kept_))}));
      break;
    }
    case Open::kRedacted:
      tell(state_piece(State::Kind::kRedacted, {texts.keep(joined_blobs(kept_))}));
      break;
    case Open::kImage:
      tell_image(start_, {texts.keep(joined_blobs(kept_))}, tell);
      break;
    case Open::kServerCall: {
      const std::string input = json::plain({kept_});
      const std::string block = R"({"toolUse":)" + start_ + R"(,"input":)" + (input.empty() ? "{}" : input) + "}}";
      tell({.kind = PieceKind::kServerItem, .raw = texts.keep(block)});
      break;
    }
    case Open::kServerResult: {
      const std::string block = R"({"toolResult":)" + start_ + R"(,"content":[)" + kept_ + "]}}";
      tell({.kind = PieceKind::kServerItem, .raw = texts.keep(block)});
      break;
    }
    case Open::kText:
      tell_citations(texts, tell);
      break;
    case Open::kNothing:
    case Open::kCall:
      break;
  }
  open_ = Open::kNothing;
  kept_.clear();
  start_.clear();
  parts_ = 0;
}

// {"toolUseId": …, "name": …, "type": …}; of a server's tool it is kept without its closing brace.
void Blocks::take_tool_start(std::string_view text, json::Cursor& cursor, const Tell& tell) {
  const std::size_t begin = cursor.offset();
  Piece call{.kind = PieceKind::kCall};
  bool of_server = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "toolUseId") call.id = take(cursor);
    if (key == "name") call.name = take(cursor);
    if (key == "type") of_server = !take(cursor).empty();
  });
  if (!of_server) {
    open_ = Open::kCall;
    has_calls_ = true;
    return tell(call);
  }
  std::string_view start = since(text, cursor, begin);
  start.remove_suffix(1);
  open_ = Open::kServerCall;
  keep(start_, start);
}

Status Blocks::start(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "start") return;
    json::each_member(cursor, [&](std::string_view kind) {
      stop(texts, tell);
      if (kind == "toolUse" && cursor.kind() == json::Kind::kObject) {
        take_tool_start(text, cursor, tell);
      } else if (kind == "toolResult" && cursor.kind() == json::Kind::kObject) {
        std::string_view begun = cursor.skip();
        begun.remove_suffix(1);
        open_ = Open::kServerResult;
        keep(start_, begun);
      } else if (kind == "image") {
        open_ = Open::kImage;
        json::each_member(cursor, [&](std::string_view inner) {
          if (inner == "format") keep(start_, take(cursor).raw);
        });
      }
    });
  });
  if (overflowed_) return too_large_an_event("A block", most_);
  return {};
}

void Blocks::tell_reasoning(std::string_view key, Escaped text, chat::Texts& texts, const Tell& tell) {
  if (key == "text") {
    switch_to(Open::kReasoning, texts, tell);
    was_empty_ = text.empty();
    if (!text.empty()) tell({.kind = PieceKind::kReasoning, .text = text});
  } else if (key == "signature") {
    switch_to(Open::kReasoning, texts, tell);
    keep(kept_, text.raw);
  } else if (key == "redactedContent") {
    switch_to(Open::kRedacted, texts, tell);
    if (!kept_.empty()) keep(kept_, " ");
    keep(kept_, text.raw);
  }
}

void Blocks::take_reasoning(json::Cursor& cursor, chat::Texts& texts, const Tell& tell) {
  json::each_member(cursor, [&](std::string_view key) {
    const std::string name(key);
    if (cursor.kind() == json::Kind::kString) tell_reasoning(name, take(cursor), texts, tell);
  });
}

void Blocks::take_input(Escaped input, const Tell& tell) {
  if (open_ == Open::kCall) {
    if (!input.empty()) tell({.kind = PieceKind::kArguments, .text = input});
  } else if (open_ == Open::kServerCall) {
    keep(kept_, input.raw);
  } else {
    stray_ = true;
  }
}

// They come before the text they are of, or between its deltas: they are told behind it.
void Blocks::take_citation(std::string_view text, json::Cursor& cursor, chat::Texts& texts) {
  const chat::Citation citation = read_citation(text, cursor, texts);
  if (citations_.size() < kMostCitations) citations_.push_back(chat::keep(citation, cited_));
}

void Blocks::tell_citations(chat::Texts& texts, const Tell& tell) {
  for (const chat::Citation& citation : citations_) {
    tell({.kind = PieceKind::kCitation, .citation = chat::keep(citation, texts)});
  }
  citations_.clear();
  cited_ = {};
}

void Blocks::take_result_delta(json::Cursor& cursor) {
  json::each_element(cursor, [&](std::size_t) {
    const std::string_view part = cursor.skip();
    if (open_ != Open::kServerResult) return;
    if (parts_++ > 0) keep(kept_, ",");
    keep(kept_, part);
  });
}

Status Blocks::delta(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell) {
  was_empty_ = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "delta") return;
    json::each_member(cursor, [&](std::string_view kind) {
      if (kind == "text") {
        const bool begins = open_ != Open::kText;
        switch_to(Open::kText, texts, tell);
        const Escaped said = take(cursor);
        was_empty_ = said.empty();
        if (!said.empty()) tell({.kind = PieceKind::kText, .text = said, .begins_block = begins});
      } else if (kind == "reasoningContent") {
        take_reasoning(cursor, texts, tell);
      } else if (kind == "toolUse") {
        json::each_member(cursor, [&](std::string_view inner) {
          if (inner == "input") take_input(take(cursor), tell);
        });
      } else if (kind == "citation") {
        take_citation(text, cursor, texts);
      } else if (kind == "toolResult") {
        take_result_delta(cursor);
      } else if (kind == "image" && open_ == Open::kImage) {
        json::each_member(cursor, [&](std::string_view inner) {
          if (inner != "source") return;
          if (!kept_.empty()) keep(kept_, " ");
          keep(kept_, take_image_bytes(cursor).raw);
        });
      }
    });
  });
  if (overflowed_) return too_large_an_event("A block", most_);
  if (stray_) return protocol_fault("A tool's input belongs to no call");
  return {};
}

}  // namespace sluice::dialect::bedrock
