/**
 * The constants of Adam as its authors recommend them (Kingma and Ba 2015, section 2). Kernel and twin take them from
 * here.
 */
export const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Momentum of SGD unless a spec gives another (Sutskever et al. 2013, section 3). */
export const defaultMomentum = 0.9;
