// The one compilation of Boost.JSON: the rest of the program only includes its declarations.
#include <boost/json/src.hpp>
