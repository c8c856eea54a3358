/* peak.h - what the processor could do at best. */
#ifndef CLI_PEAK_H
#define CLI_PEAK_H

/* Billions of single-precision operations a second of bare fused multiply-adds,
 * with the widest vectors here, in `threads` processes at once; 0 = unknown.
 * Takes a quarter of a second. Before any thread is started. */
double cli_peak_gflops(int threads);

#endif
