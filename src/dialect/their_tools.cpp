#include "dialect/their_tools.h"

#include "dialect/scan.h"

namespace sluice::dialect {

bool is_callers_type(std::string_view type) {
  return is_one_of(type, {"function", "custom", "local_shell", "shell", "apply_patch"}) || type.starts_with("bash_") ||
         type.starts_with("text_editor_") || type.starts_with("computer_") || type.starts_with("memory_");
}

bool is_their_key(std::string_view key) {
  return is_one_of(key, {"googleSearch",
                         "google_search",
                         "googleSearchRetrieval",
                         "google_search_retrieval",
                         "enterpriseWebSearch",
                         "enterprise_web_search",
                         "exaAiSearch",
                         "exa_ai_search",
                         "parallelAiSearch",
                         "parallel_ai_search",
                         "googleMaps",
                         "google_maps",
                         "urlContext",
                         "url_context",
                         "codeExecution",
                         "code_execution",
                         "fileSearch",
                         "file_search",
                         "mcpServers",
                         "mcp_servers",
                         "retrieval",
                         "systemTool"});
}

bool is_search(std::string_view name) {
  if (name.starts_with("google") || name == "systemTool") return true;
  if (name.starts_with("file") || name.starts_with("tool") || is_file_search(name)) return false;
  return name.contains("search") || name.ends_with("Search");
}

bool is_file_search(std::string_view type) {
  return is_one_of(type, {"file_search", "collections_search"});
}

bool is_charged_type(std::string_view type) {
  if (type.starts_with("openrouter:")) return !is_search(type) && type != "openrouter:datetime";
  return is_one_of(type, {"code_interpreter", "code_execution", "image_generation"});
}

bool is_search_plugin(std::string_view id) {
  return id == "web";
}

bool is_free_plugin(std::string_view id) {
  return is_one_of(id, {"response-healing", "context-compression", "auto-router", "moderation"});
}

}  // namespace sluice::dialect
