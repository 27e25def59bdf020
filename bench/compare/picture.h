// Draws throughput over the number of transactions in a call, both axes logarithmic, as an SVG
// that reads on light and dark grounds. Pure function.
#pragma once

#include <string>
#include <vector>

namespace lumbung {

struct Curve {
  std::string name;
  struct Point {
    double batch;  // ≥ 1
    double rate;   // transactions a second, > 0
  };
  std::vector<Point> points;
};

std::string PictureOf(const std::vector<Curve>& curves);

}  // namespace lumbung
