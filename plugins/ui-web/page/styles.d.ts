/** Vite makes a file of each style sheet that is imported, and loads it with the code. */
declare module '*.css';
