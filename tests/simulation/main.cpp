// GoogleTest's main, and the roles in which these tests start themselves again.
#include <gtest/gtest.h>

#include "victim.hpp"

int main(int argc, char** argv) {
  if (const auto status = vl::simulation::run_role(argc, argv)) return *status;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
