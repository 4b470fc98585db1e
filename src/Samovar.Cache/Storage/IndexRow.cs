namespace Samovar.Cache.Storage;

/// <summary>A result as the index has it.</summary>
/// <param name="Size">The size of the result, in bytes.</param>
/// <param name="Created">When it was computed, in Unix milliseconds.</param>
/// <param name="Checksum">The checksum of the key and the result.</param>
/// <param name="File">The name of the file with the result; null if it is in the index.</param>
/// <param name="Data">The result; null if it is in a file.</param>
internal sealed record IndexRow(long Size, long Created, byte[] Checksum, string? File, byte[]? Data);
