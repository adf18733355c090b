// read_contents() and read_system() of request.h: turns and their parts.
#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "dialect/gemini/request.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;

constexpr std::string_view kPart = "contents[].parts[].";

PartKind kind_of_media(std::string_view type) {
  if (type.starts_with("image/")) return PartKind::kImage;
  if (type.starts_with("audio/")) return PartKind::kAudio;
  if (type.starts_with("video/")) return PartKind::kVideo;
  return PartKind::kDocument;
}

bool is_image_address(std::string_view address) {
  constexpr std::array<std::string_view, 5> kEnds{".png", ".jpg", ".jpeg", ".webp", ".gif"};
  const std::string path = lower(address.substr(0, address.find('?')));
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return path.ends_with(end); });
}

PartKind kind_of_file(const Media& media) {
  if (!media.type.empty()) return kind_of_media(media.type.raw);
  const std::string_view address = media.data.raw;
  if (address.contains("youtube.com/") || address.contains("youtu.be/")) return PartKind::kVideo;
  return is_image_address(address) ? PartKind::kImage : PartKind::kDocument;
}

// Addresses of Google's own stores mean nothing to other providers.
Media::Form form_of(std::string_view address) {
  const bool is_url = address.starts_with("https://") || address.starts_with("http://");
  return is_url && !address.contains("generativelanguage.googleapis.com/") ? Media::Form::kUrl : Media::Form::kFile;
}

// Reads one part.
class PartReader {
 public:
  PartReader(Ask& ask, std::string path) : ask_(ask), path_(std::move(path)) {}

  Part read() {
    const std::size_t begin = ask_.cursor().offset();
    ask_.each_member(path_, [&](const std::string& name) { member(name); });
    const std::string_view whole = ask_.body.substr(begin, ask_.cursor().end_of_last() - begin);
    settle(whole);
    return std::move(part_);
  }

 private:
  std::string below(std::string_view name) const { return path_ + "." + std::string(name); }

  void member(const std::string& name) {
    if (name == "text") {
      if (auto text = ask_.in.string(below(name))) begin(PartKind::kText).text = *text;
    } else if (name == "thought") {
      thought_ = ask_.in.boolean(below(name)).value_or(false);
    } else if (name == "thoughtSignature") {
      if (auto signature = ask_.in.string(below(name))) signature_ = *signature;
    } else if (name == "inlineData") {
      inline_data(below(name));
    } else if (name == "fileData") {
      file_data(below(name));
    } else if (name == "functionCall") {
      call(below(name));
    } else if (name == "functionResponse") {
      result(below(name));
    } else if (name == "executableCode" || name == "codeExecutionResult" || name == "toolCall" ||
               name == "toolResponse") {
      begin(PartKind::kServerItem);
      ask_.in.any();
    } else {
      extras_ = true;
      ask_.take_other(std::string(kPart) + name);
    }
  }

  // The part's one data field.
  Part& begin(PartKind kind) {
    if (known_) ask_.in.refuse(path_, "must hold one kind of data.");
    known_ = true;
    part_.kind = kind;
    return part_;
  }

  Media media(const std::string& path) {
    Media media{.place = ask_.request.texts.keep(path_)};
    ask_.each_member(path, [&](const std::string& name) {
      Escaped* const text = name == "mimeType"      ? &media.type
                            : name == "data"        ? &media.data
                            : name == "fileUri"     ? &media.data
                            : name == "displayName" ? &media.name
                                                    : nullptr;
      if (text == nullptr) return ask_.take_other(path + "." + name);
      if (auto value = ask_.in.string(path + "." + name)) *text = *value;
    });
    return media;
  }

  void inline_data(const std::string& path) {
    if (skip_null()) return;
    Media found = media(path);
    if (found.type.empty()) ask_.in.miss(path + ".mimeType");
    if (found.data.empty()) ask_.in.miss(path + ".data");
    begin(kind_of_media(found.type.raw)).media = found;
  }
  void file_data(const std::string& path) {
    if (skip_null()) return;
    Media found = media(path);
    if (found.data.empty()) ask_.in.miss(path + ".fileUri");
    found.form = form_of(found.data.raw);
    begin(kind_of_file(found)).media = found;
  }

  void call(const std::string& path) {
    if (skip_null()) return;
    Part& part = begin(PartKind::kCall);
    part.arguments = "{}";
    ask_.each_member(path, [&](const std::string& name) {
      if (name == "id") {
        part.id = ask_.in.string(path + ".id").value_or(Escaped{});
      } else if (name == "name") {
        part.name = ask_.in.string(path + ".name").value_or(Escaped{});
      } else if (name == "args") {
        if (auto args = ask_.in.object(path + ".args"); !args.empty()) part.arguments = args;
      } else {
        ask_.take_other(std::string(kPart) + "functionCall." + name);
      }
    });
    if (part.name.empty()) ask_.in.miss(path + ".name");
    if (!part.id.empty()) return;
    part.made_up_id = true;
    part.id = {ask_.request.texts.keep("call_" + std::to_string(ask_.calls++))};
  }

  void result(const std::string& path) {
    if (skip_null()) return;
    Part& part = begin(PartKind::kResult);
    ask_.each_member(path, [&](const std::string& name) {
      if (name == "id") {
        part.id = ask_.in.string(path + ".id").value_or(Escaped{});
      } else if (name == "name") {
        part.name = ask_.in.string(path + ".name").value_or(Escaped{});
      } else if (name == "response") {
        response(path + ".response");
      } else if (name == "parts") {
        result_parts(path + ".parts");
      } else {
        ask_.take_other(std::string(kPart) + "functionResponse." + name);
      }
    });
    if (part.name.empty()) ask_.in.miss(path + ".name");
  }

  // {"output": "text"} is that text, {"error": …} an error; all else is given as the JSON it is.
  void response(const std::string& path) {
    if (skip_null()) return;
    const std::size_t begin = ask_.cursor().offset();
    std::size_t members = 0;
    bool output = false;
    bool error = false;
    std::string_view value;
    ask_.each_member(path, [&](const std::string& name) {
      ++members;
      output = name == "output" && ask_.in.is_string();
      error = name == "error";
      value = ask_.in.any();
    });
    if (!ask_.in.ok() || ask_.cursor().broken()) return;
    const bool alone = members == 1 && (output || error);
    Part text;
    if (!alone) value = ask_.body.substr(begin, ask_.cursor().end_of_last() - begin);
    if (alone && value.starts_with('"')) {
      text.text = {value.substr(1, value.size() - 2)};
    } else {
      text.text = ask_.request.texts.escaped(value);
    }
    part_.is_error = alone && error;
    part_.content.insert(part_.content.begin(), std::move(text));
  }

  void result_parts(const std::string& path) {
    ask_.each_element(path, [&](std::size_t index) {
      Part inner = PartReader(ask_, at(path, index)).read();
      const bool fits =
          inner.kind == PartKind::kText || (inner.kind >= PartKind::kImage && inner.kind <= PartKind::kDocument);
      if (!fits) return ask_.in.refuse(at(path, index), "must hold inlineData or fileData.");
      part_.content.push_back(std::move(inner));
    });
  }

  bool skip_null() {
    if (!ask_.in.is_null()) return false;
    ask_.in.any();
    return true;
  }

  void settle(std::string_view whole) {
    if (!known_ && signature_.empty()) {
      ask_.in.refuse(path_,
                     "must hold text, inlineData, fileData, functionCall, functionResponse or another kind of data.",
                     "missing_required_parameter");
    }
    if (!signature_.empty()) part_.state = {.kind = State::Kind::kThought, .data = signature_, .origin = {}};
    if (thought_ && part_.kind == PartKind::kText) {
      part_.kind = PartKind::kReasoning;
      if (signature_.empty()) part_.state.kind = State::Kind::kPlain;
    }
    // A sketch that the model made while it thought.
    if (thought_ && part_.kind >= PartKind::kImage && part_.kind <= PartKind::kDocument) {
      part_ = {};
      part_.kind = PartKind::kServerItem;
    }
    if (extras_ || part_.kind == PartKind::kServerItem) part_.raw = whole;
  }

  Ask& ask_;
  std::string path_;
  Part part_;
  bool known_ = false;
  bool thought_ = false;
  bool extras_ = false;  // holds more than the canonical form can say
  Escaped signature_;
};

// Streamed answers come back as the pieces they came in.
bool joins(const Part& before, const Part& part) {
  if (before.kind != part.kind || !before.raw.empty() || !part.raw.empty()) return false;
  if (part.kind == PartKind::kText) {
    return before.state.kind == State::Kind::kNone && part.state.kind == State::Kind::kNone;
  }
  if (part.kind != PartKind::kReasoning || before.state.kind != State::Kind::kPlain) return false;
  return part.state.kind == State::Kind::kPlain || part.text.empty();
}

// The parts of one turn, until the next piece of them is known not to join. A turn of the model may be several
// contents: SDKs keep each chunk of a stream as one.
class TurnBuilder {
 public:
  TurnBuilder(Ask& ask, Role role) : ask_(ask), role_(role) {}

  bool goes_on(Role role) const { return role == Role::kAssistant && role_ == Role::kAssistant; }

  void add(Part part) {
    // The last chunk of a stream may hold an empty text.
    const bool says_nothing = part.kind == PartKind::kText && part.text.empty() && part.raw.empty();
    if (role_ == Role::kAssistant && says_nothing && part.state.kind == State::Kind::kNone) return;
    if (role_ == Role::kAssistant && !parts_.empty() && joins(parts_.back(), part)) {
      text_ += part.text.raw;
      parts_.back().state = part.state;
      joined_ = true;
      return;
    }
    flush();
    text_ = std::string(part.text.raw);
    parts_.push_back(std::move(part));
  }

  // Results of tools stand in turns of their own.
  void finish() {
    flush();
    for (Part& part : parts_) {
      const Role role = part.kind == PartKind::kResult ? Role::kTool : role_;
      if (!open_ || ask_.request.turns.back().role != role) {
        ask_.request.turns.emplace_back().role = role;
        open_ = true;
      }
      ask_.request.turns.back().parts.push_back(std::move(part));
    }
  }

 private:
  void flush() {
    if (joined_) parts_.back().text = {ask_.request.texts.keep(std::move(text_))};
    joined_ = false;
  }

  Ask& ask_;
  Role role_;
  std::vector<Part> parts_;
  std::string text_;
  bool joined_ = false;
  bool open_ = false;
};

Role read_role(Ask& ask, const std::string& path) {
  const auto role = ask.in.string(path);
  if (!role || role->raw == "user" || role->raw.empty()) return Role::kUser;
  if (role->raw == "model") return Role::kAssistant;
  if (role->raw == "function") return Role::kUser;
  ask.in.refuse(path, "must be 'user' or 'model'.");
  return Role::kUser;
}

// The role may stand behind the parts. The cursor is a copy.
Role find_role(Ask& ask, const std::string& path) {
  json::Cursor& cursor = ask.cursor();
  const json::Cursor before = cursor;
  Role role = Role::kUser;
  ask.each_member(path, [&](const std::string& name) {
    if (name == "role") role = read_role(ask, path + ".role");
  });
  cursor = before;
  return role;
}

void read_content(Ask& ask, const std::string& path, std::optional<TurnBuilder>& turn) {
  if (!ask.in.is_object()) {
    ask.in.any();
    ask.in.refuse(path, "must be an object.", "invalid_type");
    return;
  }
  const Role role = find_role(ask, path);
  if (!turn || !turn->goes_on(role)) {
    if (turn) turn->finish();
    turn.emplace(ask, role);
  }
  ask.each_member(path, [&](const std::string& name) {
    if (name == "role") {
      ask.in.any();
    } else if (name == "parts") {
      ask.each_element(path + ".parts",
                       [&](std::size_t index) { turn->add(PartReader(ask, at(path + ".parts", index)).read()); });
    } else {
      ask.take_other("contents[]." + name);
    }
  });
}

void add_system_part(Ask& ask, std::vector<Part>& parts, const std::string& path) {
  Part part = PartReader(ask, path).read();
  if (part.kind != PartKind::kText) ask.in.refuse(path, "must be a text.");
  part.state = {};
  parts.push_back(std::move(part));
}

// A Content, or as clients also write it: a part, a list of parts, a text.
void read_system_parts(Ask& ask, std::vector<Part>& parts) {
  const std::string path = "systemInstruction";
  auto list = [&](const std::string& below) {
    ask.each_element(below, [&](std::size_t index) { add_system_part(ask, parts, at(below, index)); });
  };
  if (ask.in.is_string()) {
    if (auto text = ask.in.string(path)) parts.emplace_back().text = *text;
  } else if (ask.in.is_array()) {
    list(path);
  } else {
    ask.each_member(path, [&](const std::string& name) {
      if (name == "parts") return list(path + ".parts");
      if (name == "text") {
        if (auto text = ask.in.string(path + ".text")) parts.emplace_back().text = *text;
      } else if (name == "role") {
        ask.in.any();
      } else {
        ask.take_other(path + "." + name);
      }
    });
  }
}

}  // namespace

void read_contents(Ask& ask) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  ask.request.give(chat::Field::kMessages, kContents);
  std::optional<TurnBuilder> turn;
  ask.each_element(kContents, [&](std::size_t index) { read_content(ask, at(kContents, index), turn); });
  if (turn) turn->finish();
  if (ask.request.turns.empty() && !ask.cursor().broken()) ask.in.refuse(kContents, "must not be empty.");
}

void read_system(Ask& ask) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  chat::Turn turn;
  turn.role = Role::kSystem;
  read_system_parts(ask, turn.parts);
  std::erase_if(turn.parts, [](const Part& part) { return part.text.empty(); });
  if (turn.parts.empty()) return;
  ask.request.give(chat::Field::kSystem, "systemInstruction");
  ask.request.turns.insert(ask.request.turns.begin(), std::move(turn));
}

}  // namespace sluice::dialect::gemini
