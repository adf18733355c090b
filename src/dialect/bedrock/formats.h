// Converse's names of media formats and the media types they stand for. Source: ImageFormat, DocumentFormat,
// AudioFormat and VideoFormat of the AWS SDK. Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/request.h"

namespace sluice::dialect::bedrock {

// "image/png" of "png". Empty for a format of no such kind.
std::string_view type_of(chat::PartKind kind, std::string_view format);
// "png" of "image/png; q=1"; empty where the API has none. A document's file name decides where its type does not.
std::string_view format_of(chat::PartKind kind, std::string_view type, std::string_view file_name = {});
// "image/png, image/jpeg, …": for complaints.
std::string_view formats_taken(chat::PartKind kind);

}  // namespace sluice::dialect::bedrock
