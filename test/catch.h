// Catch2 2.x (Debian 12) and 3.x, one include for both.
#ifndef TEST_CATCH_H_
#define TEST_CATCH_H_

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#endif  // TEST_CATCH_H_
