#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Work that leaks: its process exits after some tasks, or when it has grown too large, and a new one replaces it.

using System.Runtime.InteropServices;
using Samovar;

await using (var pool = new ProcessExecutor(new() { Workers = 1, SpareWorkers = 1, MaxTasksPerWorker = 4 }))
    Console.WriteLine($"at most 4 tasks each: {await CountProcessesAsync(pool)} processes did 12 tasks");

const long Mebibyte = 1024 * 1024;
await using (var pool = new ProcessExecutor(new() { Workers = 1, SpareWorkers = 1, MemoryLimitPerWorker = 150 * Mebibyte }))
    Console.WriteLine($"at most 150 MiB each: {await CountProcessesAsync(pool)} processes did 12 tasks");

static async Task<int> CountProcessesAsync(Executor pool) =>
    await pool.Map(Enumerable.Range(0, 12), static _ => Leak(), new() { BatchSize = 1 }).Distinct().CountAsync();

static int Leak()
{
    const int Size = 20 * (int)Mebibyte;
    nint lost = Marshal.AllocHGlobal(Size);                              // never freed
    for (int i = 0; i < Size; i += Environment.SystemPageSize) Marshal.WriteByte(lost, i, 1);
    return Environment.ProcessId;
}
