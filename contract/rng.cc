#include "contract/rng.h"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace reverie::contract {
namespace {

// One Philox round: two 32x32 -> 64 products, crossed over and mixed with the key.
std::array<uint32_t, 4> round(const std::array<uint32_t, 4>& c, const std::array<uint32_t, 2>& key) {
  const uint64_t p0 = uint64_t{0xD2511F53u} * c[0];
  const uint64_t p1 = uint64_t{0xCD9E8D57u} * c[2];
  return {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<uint32_t>(p1),
          static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<uint32_t>(p0)};
}

}  // namespace

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int i = 0; i < 10; ++i) {
    counter = round(counter, key);
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

// The counter's four words: draw | step, low 32 bits | stream (8 bits), step's next 8, episode's upper 16 |
// episode, low 32 bits. Small values (all that occur) are exactly (draw, step, stream, episode).
Rng::Rng(uint64_t seed, uint64_t episode, Stream stream, uint64_t step)
    : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)} {
  if (step >> 40 != 0) throw std::invalid_argument("Rng: step must be below 2^40");
  if (episode >> 48 != 0) throw std::invalid_argument("Rng: episode must be below 2^48");
  const uint64_t shared = static_cast<uint32_t>(stream) | (step >> 32) << 8 | (episode >> 32) << 16;
  counter_ = {0, static_cast<uint32_t>(step), static_cast<uint32_t>(shared), static_cast<uint32_t>(episode)};
}

uint32_t Rng::next_u32() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

uint64_t Rng::next_u64() {
  const uint64_t low = next_u32();
  return low | uint64_t{next_u32()} << 32;
}

double Rng::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

double Rng::uniform(double low, double high) {
  const double value = low + (high - low) * uniform();
  return value < high ? value : low;  // rounding may reach high; also right for low == high
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u is in (0, 1]
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

int64_t Rng::below(int64_t n) {
  if (n < 1) throw std::invalid_argument("Rng::below: n must be at least 1");
  const uint64_t range = static_cast<uint64_t>(n);
  // Drop the first 2^64 mod n values, so that what is left is a multiple of n.
  const uint64_t reject_below = (0 - range) % range;
  uint64_t value = next_u64();
  while (value < reject_below) value = next_u64();
  return static_cast<int64_t>(value % range);
}

}  // namespace reverie::contract
