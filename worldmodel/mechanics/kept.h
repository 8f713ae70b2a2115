// Keeps plain data for a gradient, for as long as its graph lives.
#pragma once

#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <memory>
#include <utility>

namespace reverie::worldmodel {

template <class T>
struct Kept : torch::CustomClassHolder {
  explicit Kept(std::shared_ptr<const T> v) : value(std::move(v)) {}
  std::shared_ptr<const T> value;
};

// In the forward pass, and back in the backward pass.
template <class T>
void keep(torch::autograd::AutogradContext* ctx, const std::shared_ptr<const T>& value) {
  ctx->saved_data["kept"] = c10::IValue::make_capsule(c10::make_intrusive<Kept<T>>(value));
}
template <class T>
const T& kept(torch::autograd::AutogradContext* ctx) {
  return *c10::static_intrusive_pointer_cast<Kept<T>>(ctx->saved_data["kept"].toCapsule())->value;
}

}  // namespace reverie::worldmodel
