/* SPDX-License-Identifier: MIT */
/* Kernels that take each value for itself: activations, what follows a product, optimisers. */
#include "kernels-common.cuh"

__device__ static inline float
derivative (float x, int activation)
{
  switch (activation)
    {
    case ACTIVATION_RELU:
      return x > 0 ? 1 : 0;
    case ACTIVATION_GELU: /* Φ + xφ */
      return 0.5f * (1 + erff (x * 0.70710678f)) + x * 0.39894228f * expf (-0.5f * x * x);
    case ACTIVATION_QUICK_GELU:
      {
        float s = 1 / (1 + expf (-1.702f * x));
        return s + 1.702f * x * s * (1 - s);
      }
    case ACTIVATION_TANH_GELU:
      {
        float s = tanh_gate (x);
        return s + x * s * (1 - s) * (1.5957691216f + 0.2140644488178f * x * x);
      }
    case ACTIVATION_SILU:
      {
        float s = 1 / (1 + expf (-x));
        return s + x * s * (1 - s);
      }
    default:
      return 1;
    }
}

template <typename T>
__global__ void
__launch_bounds__ (THREADS) finish (uint32_t m, uint32_t n, const T *x, size_t ld_x,
                                    FewCudaEpilogue e, float *y, size_t ld_y, FewCudaTwin twin)
{
  FOR_CELLS (row, i, m, n)
  {
    float residual = e.residual ? e.residual[row * e.ld_residual + i] : 0;
    float value = above_infinity (as_float (x[row * ld_x + i])) + (e.bias ? e.bias[i] : 0);
    float result = e.inside ? activated (value + residual, e.activation)
                            : activated (value, e.activation) + residual;
    if (y)
      y[row * ld_y + i] = result;
    put_twin (twin, row, i, result);
  }
}

/* In its place, eight values a load: what is only passed on to the next product */
template <typename T>
__global__ void
__launch_bounds__ (THREADS)
    finish_eights (uint32_t m, uint32_t eights, T *x, size_t ld, const float *bias, int activation)
{
  FOR_CELLS (row, i, m, eights)
  {
    uint4 *at = (uint4 *) (x + row * ld) + i;
    uint4 some = *at;
    uint32_t words[4] = { some.x, some.y, some.z, some.w };
#pragma unroll
    for (int k = 0; k < 4; k++)
      {
        float first = above_infinity (first_of (T (), words[k]));
        float second = above_infinity (first_of (T (), words[k] >> 16));
        first += bias ? bias[8 * i + 2 * k] : 0;
        second += bias ? bias[8 * i + 2 * k + 1] : 0;
        words[k] = pair_of<T> (activated (first, activation), activated (second, activation));
      }
    *at = make_uint4 (words[0], words[1], words[2], words[3]);
  }
}

template <typename T>
static cudaError_t
launch_eights (cudaStream_t stream, uint32_t m, uint32_t n, T *x, size_t ld,
               const FewCudaEpilogue *e)
{
  LAUNCH (finish_eights, m, grid_of_cells (m, n / 8), stream, m, n / 8, x, ld, e->bias,
          e->activation)
}

extern "C" cudaError_t
few_cuda_finish (cudaStream_t stream, uint32_t m, uint32_t n, FewCudaPrecision type, const void *x,
                 size_t ld_x, const FewCudaEpilogue *epilogue, float *y, size_t ld_y,
                 const FewCudaTwin *twin)
{
  if (twin->memory && twin->memory == x && !y && !epilogue->residual && n % 8 == 0)
    return type == FEW_CUDA_BF16
               ? launch_eights (stream, m, n, (__nv_bfloat16 *) twin->memory, ld_x, epilogue)
               : launch_eights (stream, m, n, (__half *) twin->memory, ld_x, epilogue);
  WITH_TYPE (type, LAUNCH (finish, m, grid_of_cells (m, n), stream, m, n, (const T *) x, ld_x,
                           *epilogue, y, ld_y, *twin))
}

__global__ void
__launch_bounds__ (THREADS) activate (size_t n, int activation, const float *x, float *y)
{
  FOR_ELEMENTS (i, n)
  y[i] = activated (x[i], activation);
}

extern "C" cudaError_t
few_cuda_activate (cudaStream_t stream, size_t n, int activation, const float *x, float *y){
  LAUNCH (activate, n, grid_of_elements (n), stream, n, activation, x, y)
}

__global__ void __launch_bounds__ (THREADS)
    activation_backward (size_t n, int activation, const float *x, float *gradient)
{
  FOR_ELEMENTS (i, n)
  gradient[i] *= derivative (x[i], activation);
}

extern "C" cudaError_t
few_cuda_activation_backward (cudaStream_t stream, size_t n, int activation, const float *x,
                              float *gradient){
  LAUNCH (activation_backward, n, grid_of_elements (n), stream, n, activation, x, gradient)
}

__global__ void __launch_bounds__ (THREADS)
    relu_backward (size_t n, const float *output, float *gradient)
{
  FOR_ELEMENTS (i, n)
  gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

extern "C" cudaError_t
few_cuda_relu_backward (cudaStream_t stream, size_t n, const float *output, float *gradient){
  LAUNCH (relu_backward, n, grid_of_elements (n), stream, n, output, gradient)
}

__global__ void __launch_bounds__ (THREADS) affinity (size_t n, float sharpness, float *x)
{
  FOR_ELEMENTS (i, n)
  x[i] = expf (sharpness * (x[i] - 1));
}

extern "C" cudaError_t
few_cuda_affinity (cudaStream_t stream, size_t n, float sharpness,
                   float *x){ LAUNCH (affinity, n, grid_of_elements (n), stream, n, sharpness, x) }

__global__ void __launch_bounds__ (THREADS)
    multiply (size_t n, float scale, const float *x, float *y)
{
  FOR_ELEMENTS (i, n)
  y[i] *= scale * x[i];
}

extern "C" cudaError_t
few_cuda_multiply (cudaStream_t stream, size_t n, float scale, const float *x,
                   float *y){ LAUNCH (multiply, n, grid_of_elements (n), stream, n, scale, x, y) }

__global__ void __launch_bounds__ (THREADS)
    add_scaled_rows (uint32_t m, uint32_t d, const float *strength, const float *x,
                     const float *target, float *y)
{
  FOR_CELLS (row, i, m, d)
  {
    size_t at = (size_t) row * d + i;
    y[at] += strength[row] * (x[at] - (target ? target[at] : 0));
  }
}

extern "C" cudaError_t
few_cuda_add_scaled_rows (cudaStream_t stream, uint32_t m, uint32_t d, const float *strength,
                          const float *x, const float *target, float *y){
  LAUNCH (add_scaled_rows, m, grid_of_cells (m, d), stream, m, d, strength, x, target, y)
}

/* ---- optimisers over one flat buffer */

__global__ void __launch_bounds__ (THREADS)
    adam (size_t n, FewCudaAdam u, const FewCudaAdam *now, const float *gradient, float *m,
          float *v, float *weights)
{
  if (now)
    u = *now;
  FOR_ELEMENTS (i, n)
  {
    float w = weights[i] * u.shrink;
    float g = gradient[i] + u.l2 * w;
    float first = u.beta1 * m[i] + (1 - u.beta1) * g;
    float second = u.beta2 * v[i] + (1 - u.beta2) * g * g;
    m[i] = first;
    v[i] = second;
    weights[i] = w - u.rate * first / (sqrtf (second) * u.root + u.epsilon);
  }
}

extern "C" cudaError_t
few_cuda_adam (cudaStream_t stream, size_t n, const FewCudaAdam *update, const FewCudaAdam *now,
               const float *gradient, float *m, float *v, float *weights){
  LAUNCH (adam, n, grid_of_elements (n), stream, n, *update, now, gradient, m, v, weights)
}

__global__ void __launch_bounds__ (THREADS)
    sgd (size_t n, FewCudaSgd u, const FewCudaSgd *now, const float *gradient, float *velocity,
         float *weights)
{
  if (now)
    u = *now;
  FOR_ELEMENTS (i, n)
  {
    float step = u.keep * velocity[i] + gradient[i] + u.weight_decay * weights[i];
    velocity[i] = step;
    weights[i] -= u.rate * step;
  }
}

extern "C" cudaError_t
few_cuda_sgd (cudaStream_t stream, size_t n, const FewCudaSgd *update, const FewCudaSgd *now,
              const float *gradient, float *velocity, float *weights){
  LAUNCH (sgd, n, grid_of_elements (n), stream, n, *update, now, gradient, velocity, weights)
}

/* ---- channels that do not mix; a row of the grid is a pixel */

__global__ void __launch_bounds__ (THREADS)
    depthwise (uint32_t m, FewCudaDepthwise s, const float *x, const float *weights,
               const float *bias, float *y, FewCudaTwin twin)
{
  uint32_t out_h = (s.height + s.stride - 1) / s.stride;
  uint32_t out_w = (s.width + s.stride - 1) / s.stride;
  uint32_t multiplier = s.out_channels / s.channels;
  FOR_CELLS (pixel, n, m, s.out_channels)
  {
    uint32_t picture = pixel / (out_h * out_w);
    uint32_t inside = pixel % (out_h * out_w);
    float sum = bias[n];
    for (uint32_t tap = 0; tap < s.kernel * s.kernel; tap++)
      {
        /* below zero wraps around and is large */
        uint32_t row = inside / out_w * s.stride + tap / s.kernel - s.kernel / 2;
        uint32_t column = inside % out_w * s.stride + tap % s.kernel - s.kernel / 2;
        if (row < s.height && column < s.width)
          sum += x[((size_t) (picture * s.height + row) * s.width + column) * s.channels
                   + n / multiplier]
                 * weights[(size_t) tap * s.out_channels + n];
      }
    float value = activated (sum, s.activation);
    y[(size_t) pixel * s.out_channels + n] = value;
    put_twin (twin, pixel, n, value);
  }
}

extern "C" cudaError_t
few_cuda_depthwise (cudaStream_t stream, const FewCudaDepthwise *shape, const float *x,
                    const float *weights, const float *bias, float *y, const FewCudaTwin *twin)
{
  uint32_t m = shape->batch * ((shape->height + shape->stride - 1) / shape->stride)
               * ((shape->width + shape->stride - 1) / shape->stride);
  LAUNCH (depthwise, m, grid_of_cells (m, shape->out_channels), stream, m, *shape, x, weights, bias,
          y, *twin)
}

__global__ void
__launch_bounds__ (THREADS)
    gate_channels (uint32_t m, uint32_t pixels, uint32_t channels, const float *gates, float *x)
{
  FOR_CELLS (row, c, m, channels)
  x[(size_t) row * channels + c] /= 1 + expf (-gates[(size_t) (row / pixels) * channels + c]);
}

extern "C" cudaError_t
few_cuda_gate_channels (cudaStream_t stream, uint32_t b, uint32_t pixels, uint32_t channels,
                        const float *gates, float *x)
{
  uint32_t m = b * pixels;
  LAUNCH (gate_channels, m, grid_of_cells (m, channels), stream, m, pixels, channels, gates, x)
}
