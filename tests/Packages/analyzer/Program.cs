using Samovar;

await using var pool = new ProcessExecutor();
using var file = File.OpenRead("input.txt");
Console.WriteLine(await pool.Submit(() => file.ReadByte())); // SAM0001: an open file cannot travel
