/** Counts as the page's language writes them, with their digits in groups: 5,000. */

const format = new Intl.NumberFormat(document.documentElement.lang);

/** @param {number} count @returns {string} */
export const inGroups = (count) => format.format(count);
