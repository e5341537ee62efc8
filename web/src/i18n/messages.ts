// The shape of a feature's messages in English: each key that Vietnamese has, and where wanted a
// singular, chosen when n is 1, under the same key with `_one` behind it.
export type English<Vi> = Record<keyof Vi, string> & { [key: `${string}_one`]: string };
