/**
 * The constants of Adam as its authors recommend them (Kingma and Ba 2015, section 2); beta1 is SGD's momentum as well.
 * Kernel and twin take them from here.
 */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** How the optimisers are numbered on the device. */
export const optimizers = { adam: 0, sgd: 1 } as const;
export type Optimizer = keyof typeof optimizers;
