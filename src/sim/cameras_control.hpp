// The control port: lines of text over loopback, for people, scripts and browser tests.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace vl::sim {

class CameraSimulator;

/// Takes connections until the door closes. At most 256 characters a line.
void accept_control(boost::asio::ip::tcp::acceptor& door, CameraSimulator& simulator);

}  // namespace vl::sim
