/** The browser has taken a file by then. */
const takenMs = 60_000;

/** Saves what the page holds as a file. */
export function saveAs(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, takenMs);
}

export const saveText = (name: string, text: string, type: string): void => {
  saveAs(name, new Blob([text], { type }));
};
