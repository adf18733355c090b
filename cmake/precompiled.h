// What most sources include, read once for all of them: headers of others, and the few of our own that all layers stand
// on. Every source still includes what it needs: the fuzzers are built without this.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

// CMake includes this file from a system header, behind which the compiler warns of nothing. Of our headers it does.
# 1 "precompiled.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/text.h"
#include "json/cursor.h"
