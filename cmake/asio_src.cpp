// The one place where Asio's own sources are compiled (separate compilation).
#include <boost/asio/impl/src.hpp>
