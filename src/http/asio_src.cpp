// The one place where Beast's and Asio's TLS sources are compiled (separate compilation; Asio's
// other sources are in cmake/asio_src.cpp, as rooms below this one need them).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
