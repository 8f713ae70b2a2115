// Makes the MKL of libtorch_cpu take its AVX-512 code on AMD processors.
// MKL asks this function before it does so. Its own answer is no on AMD, and a product is then about
// half as fast on Zen 4 and 5. The definition of an executable comes before that of a library. On Intel
// the answer is the same.
extern "C" __attribute__((visibility("default"))) int mkl_serv_intel_cpu_true();
extern "C" int mkl_serv_intel_cpu_true() { return 1; }
