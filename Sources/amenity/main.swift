import Commands

await AmenityCommand.start()
