// Images, files and audio, between the API's parts and the canonical form.
//
// Thread rule: pure. Lifetime: views point into the part or into `texts`.
#pragma once

#include <optional>
#include <string>

#include "chat/request.h"
#include "dialect/responses/item.h"

namespace sluice::dialect::responses {

// Nothing when the part names no source.
std::optional<chat::Media> image_of(const Content& content, chat::Texts& texts);
std::optional<chat::Media> file_of(const Content& content, chat::Texts& texts);
chat::Media audio_of(const Content& content, chat::Texts& texts);

// "data:image/png;base64,…", escaped as a JSON string is.
std::string data_url(const chat::Media& media, std::string_view default_type);
// The API's word for an audio type: "wav", "mp3".
std::string_view audio_format(std::string_view type);

}  // namespace sluice::dialect::responses
