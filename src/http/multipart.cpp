#include "http/multipart.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sluice::http {

namespace {

constexpr auto npos = std::string_view::npos;

Failure refuse(std::string told) {
  return fail(FaultKind::kInvalidRequest, std::move(told));
}

Failure refuse_boundary(std::string told) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  fault.told = std::move(told);
  fault.param = "content-type";
  return fail(std::move(fault));
}

bool is_boundary_char(char c) {
  const bool alphanumeric = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  return alphanumeric || std::string_view("'()+_,-./:=? ").contains(c);
}

struct Parameter {
  std::string_view name;
  std::string value;
};

// Takes the next `; name=value` off a header value that begins at its first ';'. Nothing when it is not written so.
std::optional<Parameter> take_parameter(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto equals = rest.find('=');
  if (equals == npos || rest.substr(0, equals).contains(';')) return std::nullopt;
  Parameter parameter{trim(rest.substr(0, equals)), {}};
  rest = rest.substr(equals + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (!rest.starts_with('"')) {
    const auto end = std::min(rest.find(';'), rest.size());
    parameter.value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return parameter;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    // Only quotes and backslashes are escaped: old browsers send the backslashes of Windows paths as they are.
    if (rest[at] == '\\' && at + 1 < rest.size() && (rest[at + 1] == '"' || rest[at + 1] == '\\')) ++at;
    parameter.value.push_back(rest[at]);
  }
  if (at == rest.size()) return std::nullopt;
  rest.remove_prefix(at + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (!rest.empty() && !rest.starts_with(';')) return std::nullopt;
  return parameter;
}

// Browsers write these three characters of a field name so (WHATWG HTML, multipart/form-data encoding algorithm).
std::string unescape_name(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const auto code = name.substr(0, 3);
    const char plain = code == "%22" ? '"' : code == "%0D" ? '\r' : code == "%0A" ? '\n' : 0;
    out.push_back(plain != 0 ? plain : name.front());
    name.remove_prefix(plain != 0 ? 3 : 1);
  }
  return out;
}

// Reads the value of a Content-Disposition field into the part.
Status read_disposition(std::string_view value, FormPart& part) {
  if (!iequals(trim(value.substr(0, value.find(';'))), "form-data")) {
    return refuse("A part of the form has a Content-Disposition that is not form-data.");
  }
  std::string_view rest = value.substr(std::min(value.find(';'), value.size()));
  bool named = false;
  while (trim(rest) != "" && trim(rest) != ";") {
    auto parameter = take_parameter(rest);
    if (!parameter) return refuse("A part of the form has a broken Content-Disposition.");
    if (iequals(parameter->name, "name")) {
      if (named) return refuse("A part of the form has two names.");
      named = true;
      part.name = unescape_name(parameter->value);
    }
    part.is_file = part.is_file || iequals(parameter->name, "filename") || iequals(parameter->name, "filename*");
  }
  if (!named) return refuse("A part of the form has no name.");
  return {};
}

// The headers of one part, without the empty line.
Status read_headers(std::string_view headers, FormPart& part) {
  bool disposed = false;
  while (!headers.empty()) {
    const auto end = std::min(headers.find("\r\n"), headers.size());
    const auto line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + 2, headers.size()));
    const auto colon = line.find(':');
    if (colon == npos) return refuse("A part of the form has a header without a colon.");
    if (!iequals(trim(line.substr(0, colon)), "content-disposition")) continue;
    if (disposed) return refuse("A part of the form has two Content-Disposition headers.");
    disposed = true;
    if (auto read = read_disposition(line.substr(colon + 1), part); !read) return read;
  }
  if (!disposed) return refuse("A part of the form has no Content-Disposition.");
  return {};
}

// A delimiter line: "--boundary", perhaps blanks, CRLF; or "--boundary--", which closes the form.
struct Delimiter {
  std::size_t begin = 0;  // of its dashes
  std::size_t end = 0;    // behind its CRLF
  bool closing = false;
};

// Walks the delimiters of a body.
class Delimiters {
 public:
  Delimiters(std::string_view boundary, std::string_view body) : body_(body), mark_("\r\n--") { mark_ += boundary; }

  // The one at `at`, without its leading CRLF; nothing when there is none.
  std::optional<Delimiter> at(std::size_t at) const {
    const auto line = std::string_view(mark_).substr(2);
    if (!body_.substr(at).starts_with(line)) return std::nullopt;
    std::size_t end = at + line.size();
    if (body_.substr(end).starts_with("--")) return Delimiter{at, end + 2, true};
    while (end < body_.size() && (body_[end] == ' ' || body_[end] == '\t')) ++end;
    if (!body_.substr(end).starts_with("\r\n")) return std::nullopt;
    return Delimiter{at, end + 2, false};
  }

  // The next one whose CRLF is at or behind `from`. A longer boundary that begins with ours is no delimiter.
  std::optional<Delimiter> next(std::size_t from) const {
    while ((from = body_.find(mark_, from)) != npos) {
      if (auto found = at(from + 2)) return found;
      from += 2;
    }
    return std::nullopt;
  }

 private:
  std::string_view body_;
  std::string mark_;
};

// Reads the part between two delimiters. A part without headers begins with the empty line itself.
Result<FormPart> read_part(std::string_view body, std::size_t begin, std::size_t end) {
  FormPart part;
  const auto text = body.substr(begin, end - begin);
  const auto blank = text.substr(0, kMaxPartHeaderBytes + 4).find("\r\n\r\n");
  if (blank == npos) {
    return refuse(text.size() > kMaxPartHeaderBytes ? "The headers of a part of the form are too large."
                                                    : "A part of the form has no empty line after its headers.");
  }
  if (auto read = read_headers(text.substr(0, blank), part); !read) return fail_from(read);
  part.begin = begin + blank + 4;
  part.end = end;
  return part;
}

}  // namespace

Result<std::string> form_boundary(std::string_view content_type) {
  std::string_view rest = content_type.substr(std::min(content_type.find(';'), content_type.size()));
  std::optional<std::string> boundary;
  while (trim(rest) != "" && trim(rest) != ";") {
    auto parameter = take_parameter(rest);
    if (!parameter) return refuse_boundary("The Content-Type has a broken parameter.");
    if (!iequals(parameter->name, "boundary")) continue;
    if (boundary) return refuse_boundary("The Content-Type has two boundaries.");
    boundary = std::move(parameter->value);
  }
  if (!boundary) return refuse_boundary("The Content-Type of a form needs a boundary.");
  const bool valid = !boundary->empty() && boundary->size() <= 70 && std::ranges::all_of(*boundary, is_boundary_char);
  if (!valid || boundary->back() == ' ') {
    return refuse_boundary("The boundary in the Content-Type is not 1 to 70 of the characters a boundary may have.");
  }
  return *std::move(boundary);
}

Result<Form> parse_form(std::string_view boundary, std::string_view body) {
  const Delimiters delimiters(boundary, body);
  auto delimiter = delimiters.at(0);
  if (!delimiter) delimiter = delimiters.next(0);
  if (!delimiter) return refuse("The boundary that the Content-Type names is not in the form.");
  Form form;
  form.begin = delimiter->begin;
  while (!delimiter->closing) {
    if (form.parts.size() == kMaxFormParts) return refuse("The form has too many parts.");
    // The CRLF of this delimiter may be that of the next one too: a part of no bytes, which has no headers.
    auto next = delimiters.next(delimiter->end - 2);
    if (!next) return refuse("The form ends before its closing boundary.");
    if (next->begin < delimiter->end + 2) return refuse("A part of the form has no headers.");
    auto part = read_part(body, delimiter->end, next->begin - 2);
    if (!part) return fail_from(part);
    form.parts.push_back(*std::move(part));
    delimiter = next;
  }
  return form;
}

}  // namespace sluice::http
